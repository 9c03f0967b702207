// Bundles static/src into static/dist: app.js and app.css, minified, for browsers that county offices still have,
// each beside its compressed copies, which the web server hands to browsers that accept them.
import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { build } from "esbuild";

const source = "static/src";
const target = "static/dist";

await rm(target, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [`${source}/app.js`, `${source}/charts.js`, `${source}/reports.js`, `${source}/plan.js`, `${source}/api-docs.js`, `${source}/app.css`, `${source}/dark.css`, `${source}/plan.css`, `${source}/api-docs.css`],
  outdir: target,
  bundle: true,
  minify: true,
  sourcemap: false,
  metafile: true,
  legalComments: "linked",
  target: ["chrome80", "edge80", "firefox78", "safari15"],
  loader: { ".svg": "file", ".woff2": "file" },
  logLevel: "warning",
});

for (const path of Object.keys(metafile.outputs).filter((name) => /\.(js|css|svg)$/.test(name))) {
  const content = await readFile(path);
  const packed = await promisify(gzip)(content, { level: 9 });
  await writeFile(`${path}.gz`, packed);
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
  console.log(`${path}  ${Math.ceil(content.length / 1024)} kB, compressed ${Math.ceil(packed.length / 1024)} kB`);
}
