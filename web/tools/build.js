/** Builds report.js, report.css, basemap.bin, LICENSES.txt and SOURCE_HASH: `node tools/build.js [FOLDER]`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { packBasemap } from "./basemap.js";
import { sourceHash } from "./source_hash.js";

export const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
export const ASSETS = resolve(WEB, "../src/wideberth/report/assets");
export const BUILT = ["report.js", "report.css", "basemap.bin", "LICENSES.txt", "SOURCE_HASH"];

/** Build everything into a folder, which keeps whatever else is in it. */
export async function buildInto(folder) {
  process.chdir(WEB);
  mkdirSync(folder, { recursive: true });
  await build({
    root: WEB,
    configFile: join(WEB, "vite.config.js"),
    build: { outDir: folder, emptyOutDir: false },
  });
  writeFileSync(join(folder, "basemap.bin"), packBasemap());
  writeFileSync(join(folder, "SOURCE_HASH"), sourceHash(WEB) + "\n");
  refuse(join(folder, "report.js"), /<\/script|<!--/i);
  refuse(join(folder, "report.css"), /<\/style|<!--|url\(\s*["']?https?:|@import/i);
}

/** What would end the element that the file is put into, or reach out to the network, must not be in it. */
function refuse(file, pattern) {
  const found = readFileSync(file, "utf8").match(pattern);
  if (found) throw new Error(`${file} contains ${JSON.stringify(found[0])} at ${found.index}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildInto(resolve(process.argv[2] ?? ASSETS));
}
