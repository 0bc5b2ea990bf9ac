// The generated hook in Next, which renders the page on a server: both versions that are maintained. They take a minute.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Project } from "./kit.mjs";

const RENDERED = /state: connecting/;

const nextBin = (below) => new URL(`${below}/node_modules/next/dist/bin/next`, import.meta.url).pathname;

const LAYOUT = `import type { ReactNode } from "react";

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html>
      <body>{children}</body>
    </html>
  );
}
`;

for (const [version, below] of [["15", "next-15"], ["16", "."]]) {
  test(`Next ${version}`, async () => {
    const project = (await Project.make(`next-${version}`, "none", { below })).pages("react.ts");
    project.write("app/layout.tsx", LAYOUT);
    project.write("app/page.tsx", `"use client";\nexport { Chat as default } from "../react";\n`);
    project.write("package.json", { private: true });
    await project.passes(process.execPath, [nextBin(below), "build"]);
    assert.match(project.read(".next/server/app/index.html"), RENDERED);
  });
}
