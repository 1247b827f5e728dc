/** One classic script and one style sheet: no module, no worker, nothing that is loaded later. */
import { defineConfig } from "vite";
import { licences } from "./tools/licences.js";

export default defineConfig({
  logLevel: "warn",
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [licences()],
  build: {
    target: "es2020",
    sourcemap: false,
    minify: "esbuild",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    lib: {
      entry: "src/main.js",
      formats: ["iife"],
      name: "wideberthReport",
      fileName: () => "report.js",
      cssFileName: "report",
    },
    rollupOptions: { output: { inlineDynamicImports: true } },
  },
});
