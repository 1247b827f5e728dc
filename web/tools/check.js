/** Builds anew into a temporary folder and compares with what is committed, byte by byte: `node tools/check.js`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ASSETS, BUILT, buildInto } from "./build.js";

const folder = mkdtempSync(join(tmpdir(), "wideberth-web-"));
try {
  await buildInto(folder);
  const differing = BUILT.filter((name) => !read(folder, name).equals(read(ASSETS, name)));
  if (differing.length) {
    console.error(
      `${differing.join(", ")} in ${ASSETS}: not what web/ builds. Run make web and commit the result.`,
    );
    process.exitCode = 1;
  } else {
    console.log(`${BUILT.join(", ")}: byte by byte what web/ builds.`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function read(folder, name) {
  try {
    return readFileSync(join(folder, name));
  } catch {
    return Buffer.from("absent");
  }
}
