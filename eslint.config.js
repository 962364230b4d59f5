// The widgets' scripts. `script` in show/kit/widget.py puts the kit's files before a widget's own, so what
// the kit declares is there in every one of them.
import { readFileSync } from "node:fs";
import js from "@eslint/js";
import globals from "globals";

const KIT = ["dom.js", "controls.js", "scene.js", "alive.js"].map((name) => `kinesis_sim/show/kit/${name}`)
  .concat("kinesis_sim/course/widgets/questions.js");
const texts = KIT.map((path) => readFileSync(path, "utf8"));
const declared = texts.flatMap((text) => [...text.matchAll(/^(?:const|function|class) (\w+)/gm)]).map((found) => found[1]);
const known = Object.fromEntries(declared.map((name) => [name, "readonly"]));

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
    files: KIT,
    languageOptions: { sourceType: "script", globals: known },
    rules: { "no-unused-vars": ["error", { vars: "local" }], "no-redeclare": ["error", { builtinGlobals: false }] },
  },
  {
    files: ["kinesis_sim/*/**/*.js"],
    ignores: KIT,
    languageOptions: { globals: known },
    rules: { "no-redeclare": ["error", { builtinGlobals: true }] },
  },
];
