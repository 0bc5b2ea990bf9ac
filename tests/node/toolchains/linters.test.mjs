// Linters and formatters over the generated files, as they come and as strict as they get: nothing is reported, nothing changes.

import { describe, test } from "node:test";

import { bin, OPTIONS, Project } from "./kit.mjs";

const CONTRACTS = ["examples/chat/contract/hubs.json", "tests/fixtures/types/contract/hubs.json"];

/** All rules of a configuration of typescript-eslint. */
const eslint = (config) => `import tseslint from "typescript-eslint";
export default [...tseslint.configs.${config}, { languageOptions: { parserOptions: { projectService: true } } }];
`;

for (const contract of CONTRACTS) {
  describe(contract, () => {
    const make = (name, imports = "js") => Project.make(`${name}-${contract.split("/")[1]}`, imports, { contract });

    test("Prettier, as it comes, writes the same bytes", async () => {
      for (const imports of ["js", "ts", "none"]) {
        const project = await make(`prettier-${imports}`, imports);
        await project.passes(bin("prettier"), ["--check", "hubs"]);
      }
    });

    for (const config of ["recommended", "all"]) {
      test(`ESLint with typescript-eslint's ${config}, without warnings`, async () => {
        const project = await make(`eslint-${config}`);
        project.write("package.json", { type: "module" });
        project.write("tsconfig.json", { compilerOptions: OPTIONS, include: ["hubs"] });
        project.write("eslint.config.js", eslint(config));
        await project.passes(bin("eslint"), ["--max-warnings", "0", "hubs"]);
      });
    }

    test("Biome", async () => {
      const project = await make("biome");
      project.write("biome.json", { root: true });
      await project.passes(bin("biome"), ["ci", "--error-on-warnings", "hubs"]);
    });
  });
}
