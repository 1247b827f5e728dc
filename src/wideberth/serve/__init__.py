"""The same stages on live feeds: what is heard, predicted, alerted, recorded, shown."""
