// Loaded with NODE_PATH set to the cache's node_modules (see devtools/lint.py).
const js = require("@eslint/js");

const browser = [
    "AbortController",
    "Blob",
    "CustomEvent",
    "Event",
    "File",
    "FormData",
    "Image",
    "Intl",
    "IntersectionObserver",
    "MutationObserver",
    "ResizeObserver",
    "URL",
    "URLSearchParams",
    "cancelAnimationFrame",
    "clearInterval",
    "clearTimeout",
    "console",
    "document",
    "fetch",
    "getComputedStyle",
    "localStorage",
    "navigator",
    "queueMicrotask",
    "requestAnimationFrame",
    "sessionStorage",
    "setInterval",
    "setTimeout",
    "structuredClone",
    "window",
];
const readable = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

module.exports = [
    js.configs.recommended,
    {
        files: ["**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: readable([...browser, "luxon", "odoo", "owl", "Chart"]),
        },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            "array-callback-return": "error",
            complexity: ["error", 10],
            curly: "error",
            eqeqeq: "error",
            "no-console": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-shadow": "error",
            "no-unused-expressions": "error",
            "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
            "no-useless-concat": "error",
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-const": "error",
            "prefer-template": "error",
            // A sentence that is not translated, or HTML made from text, must be seen by a reviewer.
            "no-restricted-properties": [
                "error",
                { property: "innerHTML", message: "Use a template." },
                { property: "outerHTML", message: "Use a template." },
            ],
        },
    },
    {
        files: ["**/*.cjs"],
        languageOptions: {
            sourceType: "commonjs",
            globals: readable(["console", "module", "process", "require"]),
        },
    },
];
