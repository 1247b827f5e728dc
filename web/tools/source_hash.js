/**
 * The SHA-256 of everything that the built files are made from, so that a test without Node can tell whether they are
 * of these sources: for each file, sorted by its path with `/`, the path, a newline, the content, a zero byte.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const FILES = ["package-lock.json", "package.json", "vite.config.js"];
const FOLDERS = ["src", "tools"];

export function sourceHash(web) {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(web, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath ?? entry.path, entry.name)
          .slice(web.length + 1)
          .replaceAll("\\", "/"),
      ),
  );
  const hash = createHash("sha256");
  for (const path of [...FILES, ...inFolders].sort()) {
    hash.update(path + "\n");
    hash.update(readFileSync(join(web, path)));
    hash.update("\0");
  }
  return hash.digest("hex");
}
