// The widgets' scripts. `script` in show/kit/widget.py puts the kit's files before a widget's own, so what
// the kit declares is there in every one of them.
import { readdirSync, readFileSync } from "node:fs";
import js from "@eslint/js";
import globals from "globals";

const KIT = "kinesis_sim/show/kit/";
const kit = readdirSync(KIT).filter((name) => name.endsWith(".js")).map((name) => readFileSync(KIT + name, "utf8"));
const declared = kit.flatMap((text) => [...text.matchAll(/^(?:const|function|class) (\w+)/gm)]).map((found) => found[1]);

export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 15],
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-len": ["error", { code: 130 }],
      "max-params": ["error", 6],
      "no-shadow": ["error", { builtinGlobals: false }],
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "prefer-template": "error",
    },
  },
  {
    files: ["kinesis_sim/show/kit/*.js"],
    languageOptions: { sourceType: "script" },
    rules: { "no-unused-vars": ["error", { vars: "local" }] },
  },
  {
    files: ["kinesis_sim/*/**/*.js"],
    ignores: ["kinesis_sim/show/kit/*.js"],
    languageOptions: { globals: Object.fromEntries(declared.map((name) => [name, "readonly"])) },
    rules: { "no-redeclare": ["error", { builtinGlobals: true }], "no-shadow": ["error", { builtinGlobals: false }] },
  },
];
