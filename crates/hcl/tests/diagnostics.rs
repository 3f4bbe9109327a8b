//! Kinds and places of mistakes. Where they point was compared with the reference on thousands of random texts; these
//! are the ones worth reading.

use testkit::check_diagnostics;

#[track_caller]
fn check(annotated: &str) {
    check_diagnostics(annotated, |source, text| {
        let mut diags = diag::Diagnostics::new();
        hcl::parse(source, text, &mut diags);
        diags
    });
}

#[test]
fn bodies() {
    check("a = 1 2\n#     ^ error[missing-newline-after-argument]\n");
    check("a = 1, b = 2\n#    ^ error[comma-after-argument]\n");
    check("  a\n# ^ error[argument-or-block-required]: equals sign\n");
    check("  \"a\" = 1\n# ^ error[quoted-argument]\n");
    check("a = 1\n  a = 2\n# ^ error[attribute-redefined]: \"a\"\n");
    check("b {\n# ^ error[unclosed-block]: closing brace\n  a = 1\n");
    check("b {}}\n#   ^ error[missing-newline-after-block]\n");
    check("b { a = 1, c = 2 }\n#        ^ error[single-line-block]\n");
    check("b { c {} }\n#   ^^^ error[argument-required]: \"c\"\n");
    check("b \"${x}\" {\n#  ^^ error[invalid-string-literal]: $${\n}\n");
    check(
        "a = 'x';\n#   ^ error[invalid-character]: double quotes\n#   ^ error[invalid-expression]\n#      ^ error[invalid-character]: Semicolons\n",
    );
}

#[test]
fn expressions() {
    check("a = [1 2]\n#      ^ error[missing-item-separator]\n");
    check("a = {x = 1 y = 2}\n#          ^ error[missing-attribute-separator]\n");
    check("a = {x}\n#     ^ error[missing-key-value-separator]\n");
    check("a = f(1 2)\n#       ^ error[missing-argument-separator]\n");
    check("a = (1 2)\n#      ^ error[unbalanced-parentheses]\n");
    check("a = b ? c\n#        ^ error[missing-false-expression]\n");
    check(
        "a = 1 & 2\n#     ^ error[unsupported-operator]: &&\n#     ^ error[missing-newline-after-argument]\n",
    );
    check("a = 1.2.3\n#   ^^^^^ error[invalid-number]\n");
    check("a = b.0.1\n#     ^^^ error[invalid-legacy-index]: [0][1]\n");
    check("a = b.*.c.*.d\n#         ^ error[nested-splat]\n");
    check("a = [for x in y: x => x]\n#                ^ error[invalid-for]: braces\n");
    check("a = f::(1)\n#      ^ error[missing-function-name]\n");
}

#[test]
fn templates() {
    check("a = \"\\q\"\n#    ^^ error[invalid-escape]\n");
    check("a = \"${1 2}\"\n#        ^ error[extra-after-interpolation]\n");
    check("a = \"${x:-y}\"\n#       ^ error[extra-after-interpolation]: shell\n");
    check("a = \"%{ iff x }\"\n#       ^^^ error[unknown-directive]: Did you mean \"if\"?\n");
    check("a = \"%{ endif }\"\n#    ^^^^^^^^^^ error[unexpected-directive]\n");
    check("a = \"%{ if x }y\"\n#              ^ error[unexpected-end-of-template]\n");
    check("a = \"b\n#     ^ error[multiline-string]\n#     ^ error[unterminated-template]\nc\"\n");
}
