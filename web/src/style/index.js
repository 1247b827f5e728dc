/** All style sheets, in order: the libraries', then ours. */
import "ol/ol.css";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import "./work.css";
import "./charts.css";
import "./incident.css";
import "./print.css";
