//! The kinds of mistakes that a text can hold.

use diag::Code;

macro_rules! codes {
    ($($(#[doc = $title_doc:literal])* $name:ident = $id:literal, $title:literal, $doc:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: Code = Code::new($id, $title, $doc);
        )*
        /// Every code of this crate.
        pub const CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    // Characters.
    INVALID_CHARACTER = "invalid-character", "Invalid character",
        "A character that the language does not use. Common causes are single quotes, backticks and curly quotes copied from a web page, and semicolons.";
    UNSUPPORTED_OPERATOR = "unsupported-operator", "Unsupported operator",
        "The bitwise operators of other languages do not exist here. `&&`, `||` and `!` are the logical ones.";
    INVALID_ENCODING = "invalid-encoding", "Invalid character encoding",
        "Source files are UTF-8. Save the file in that encoding.";
    MULTILINE_STRING = "multiline-string", "Invalid multi-line string",
        "A quoted string ends on the line on which it began. Use `\\n`, or a heredoc for text of several lines.";
    INVALID_ESCAPE = "invalid-escape", "Invalid escape sequence",
        "A backslash in a quoted string is followed by one of `n`, `r`, `t`, `\"`, `\\`, by `u` and four or by `U` and eight hexadecimal digits. A backslash itself is written twice.";
    INVALID_NUMBER = "invalid-number", "Invalid number literal",
        "A number is digits, perhaps a fraction after one point, perhaps an exponent: `10`, `1.5`, `1e3`.";

    // Bodies.
    ARGUMENT_OR_BLOCK_REQUIRED = "argument-or-block-required", "Argument or block definition required",
        "Between the braces of a block, and at the top of a file, stand only arguments (`name = value`) and blocks (`name { … }`).";
    ARGUMENT_REQUIRED = "argument-required", "Argument definition required",
        "A block written on one line holds at most one argument, and no nested block. Put the parts on lines of their own.";
    QUOTED_ARGUMENT = "quoted-argument", "Invalid argument name",
        "Names of arguments are not quoted: `name = value`.";
    UNCLOSED_BLOCK = "unclosed-block", "Unclosed configuration block",
        "The file ends before the closing brace of this block.";
    INVALID_BLOCK = "invalid-block", "Invalid block definition",
        "After the type of a block come its labels and then, on the same line, its opening brace.";
    SINGLE_LINE_BLOCK = "single-line-block", "Invalid single-argument block definition",
        "A block whose first argument stands on the line of its opening brace ends on that line, right after that argument.";
    ATTRIBUTE_REDEFINED = "attribute-redefined", "Attribute redefined",
        "An argument is set once in a block.";
    MISSING_NEWLINE_AFTER_ARGUMENT = "missing-newline-after-argument", "Missing newline after argument",
        "Each argument ends with its line.";
    COMMA_AFTER_ARGUMENT = "comma-after-argument", "Unexpected comma after argument",
        "Arguments of a block are separated by line breaks; commas separate the items of lists and maps.";
    MISSING_NEWLINE_AFTER_BLOCK = "missing-newline-after-block", "Missing newline after block definition",
        "Nothing but a comment follows the closing brace of a block on its line.";
    INVALID_STRING_LITERAL = "invalid-string-literal", "Invalid string literal",
        "The labels of a block are plain strings without template sequences.";
    UNTERMINATED_STRING_LITERAL = "unterminated-string-literal", "Unterminated string literal",
        "The text ends before the closing quote.";

    // Expressions.
    INVALID_EXPRESSION = "invalid-expression", "Invalid expression",
        "What stands here cannot begin an expression.";
    MISSING_EXPRESSION = "missing-expression", "Missing expression",
        "The text ends where an expression should begin.";
    EXTRA_AFTER_EXPRESSION = "extra-after-expression", "Extra characters after expression",
        "The expression was complete, but the text goes on.";
    NESTED_TOO_DEEPLY = "nested-too-deeply", "Nested too deeply",
        "Brackets, blocks or template sequences stand inside each other more often than the parser follows. Move inner parts to local values.";
    UNBALANCED_PARENTHESES = "unbalanced-parentheses", "Unbalanced parentheses",
        "A parenthesis that was opened is closed after one expression.";
    MISSING_FALSE_EXPRESSION = "missing-false-expression", "Missing false expression in conditional",
        "The conditional operator has three parts: `condition ? value if true : value if false`.";
    INVALID_ATTRIBUTE_NAME = "invalid-attribute-name", "Invalid attribute name",
        "After a dot comes the name of an attribute.";
    INVALID_LEGACY_INDEX = "invalid-legacy-index", "Invalid legacy index syntax",
        "`a.0.1` reads as the number 0.1 after a dot. Write `a[0][1]`.";
    NESTED_SPLAT = "nested-splat", "Nested splat expression not allowed",
        "Inside `.*` only attributes and numbers follow. Use `[*]` for splats within splats.";
    UNCLOSED_SPLAT = "unclosed-splat", "Missing close bracket on splat index",
        "The star of `[*]` is followed by the closing bracket at once.";
    UNCLOSED_INDEX = "unclosed-index", "Missing close bracket on index",
        "An index is one expression between brackets.";
    MISSING_FUNCTION_NAME = "missing-function-name", "Missing function name",
        "After `::` comes the name of a function or of a further namespace.";
    MISSING_OPEN_PARENTHESIS = "missing-open-parenthesis", "Missing open parenthesis",
        "A name with `::` is a function's, and is followed by its arguments in parentheses.";
    UNTERMINATED_CALL = "unterminated-call", "Unterminated function call",
        "The text ends before the closing parenthesis of this call.";
    MISSING_ARGUMENT_SEPARATOR = "missing-argument-separator", "Missing argument separator",
        "Arguments of a function are separated by commas.";
    MISSING_CLOSING_PARENTHESIS = "missing-closing-parenthesis", "Missing closing parenthesis",
        "An argument with `...` is the last one; the closing parenthesis follows.";
    UNTERMINATED_TUPLE = "unterminated-tuple", "Unterminated tuple constructor expression",
        "The text ends before the closing bracket of this list.";
    MISSING_ITEM_SEPARATOR = "missing-item-separator", "Missing item separator",
        "Items of a list are separated by commas.";
    UNTERMINATED_OBJECT = "unterminated-object", "Unterminated object constructor expression",
        "The text ends before the closing brace of this map.";
    MISSING_ATTRIBUTE_VALUE = "missing-attribute-value", "Missing attribute value",
        "Each item of a map has a key and, after an equals sign or a colon, a value.";
    MISSING_KEY_VALUE_SEPARATOR = "missing-key-value-separator", "Missing key/value separator",
        "Each item of a map has a key and, after an equals sign or a colon, a value.";
    MISSING_ATTRIBUTE_SEPARATOR = "missing-attribute-separator", "Missing attribute separator",
        "Items of a map are separated by line breaks or commas.";
    INVALID_FOR = "invalid-for", "Invalid 'for' expression",
        "A `for` expression is `[for value in collection : result]` or `{for key, value in collection : key => value}`, each perhaps with `if condition` at its end.";

    // Templates.
    UNTERMINATED_TEMPLATE = "unterminated-template", "Unterminated template string",
        "The text ends, or the line, before the mark that closes this string. A heredoc ends with a line that holds only its marker.";
    UNCLOSED_INTERPOLATION = "unclosed-interpolation", "Unclosed template interpolation sequence",
        "`${` opens a sequence that ends with `}`. For a literal `${` write `$${`.";
    EXTRA_AFTER_INTERPOLATION = "extra-after-interpolation", "Extra characters after interpolation expression",
        "Between `${` and `}` stands one expression. For a literal `${` write `$${`.";
    INVALID_DIRECTIVE = "invalid-directive", "Invalid template directive",
        "After `%{` comes one of `if`, `else`, `endif`, `for`, `endfor`. For a literal `%{` write `%%{`.";
    UNKNOWN_DIRECTIVE = "unknown-directive", "Invalid template control keyword",
        "After `%{` comes one of `if`, `else`, `endif`, `for`, `endfor`. For a literal `%{` write `%%{`.";
    INVALID_FOR_DIRECTIVE = "invalid-for-directive", "Invalid 'for' directive",
        "A `for` directive is `%{ for value in collection }` or `%{ for key, value in collection }`.";
    EXTRA_IN_DIRECTIVE = "extra-in-directive", "Extra characters in directive",
        "The directive was complete, but the text goes on before its closing brace.";
    UNEXPECTED_DIRECTIVE = "unexpected-directive", "Unexpected directive",
        "Each `if` is closed by its `endif` and each `for` by its `endfor`, innermost first; `else` stands once in an `if`.";
    UNEXPECTED_END_OF_TEMPLATE = "unexpected-end-of-template", "Unexpected end of template",
        "A directive was opened in this template and not closed.";

    // Traversals that stand alone.
    VARIABLE_NAME_REQUIRED = "variable-name-required", "Variable name required",
        "A reference begins with a name.";
    ATTRIBUTE_NAME_REQUIRED = "attribute-name-required", "Attribute name required",
        "After a dot comes a name.";
    INDEX_VALUE_REQUIRED = "index-value-required", "Index value required",
        "Between the brackets of a reference stands a whole number or a quoted string.";
    UNCLOSED_INDEX_BRACKETS = "unclosed-index-brackets", "Unclosed index brackets",
        "An index ends with a closing bracket.";

    // JSON.
    JSON_EXTRA = "json-extra", "Extraneous data after value",
        "A JSON document is one value.";
    JSON_ROOT = "json-root", "Root value must be object",
        "A JSON document of configuration is an object, or an array of objects.";
    JSON_MISSING_VALUE = "json-missing-value", "Missing JSON value",
        "A property has a name and, after a colon, a value.";
    JSON_MISSING_ELEMENT = "json-missing-element", "Missing array element value",
        "Between two commas of an array stands a value.";
    JSON_END = "json-end", "Missing value",
        "The text ends where a value should stand.";
    JSON_INVALID_START = "json-invalid-start", "Invalid start of value",
        "A JSON value is an object, an array, a string in double quotes, a number, `true`, `false` or `null`.";
    JSON_PROPERTY_NAME = "json-property-name", "Invalid object property name",
        "The name of a JSON property is a string in double quotes.";
    JSON_MISSING_OBJECT_VALUE = "json-missing-object-value", "Missing object value",
        "Each property of an object has a value; a list of values is an array.";
    JSON_MISSING_COLON = "json-missing-colon", "Missing property value colon",
        "A colon stands between the name and the value of a property.";
    JSON_TRAILING_COMMA_OBJECT = "json-trailing-comma-object", "Trailing comma in object",
        "JSON allows no comma after the last property.";
    JSON_TRAILING_COMMA_ARRAY = "json-trailing-comma-array", "Trailing comma in array",
        "JSON allows no comma after the last value.";
    JSON_UNCLOSED_OBJECT = "json-unclosed-object", "Unclosed object",
        "The text ends before the closing brace of an object.";
    JSON_UNCLOSED_ARRAY = "json-unclosed-array", "Unclosed object",
        "The text ends before the closing bracket of an array.";
    JSON_MISMATCHED_BRACES = "json-mismatched-braces", "Mismatched braces",
        "An object ends with a brace.";
    JSON_MISMATCHED_BRACKETS = "json-mismatched-brackets", "Mismatched brackets",
        "An array ends with a bracket.";
    JSON_MISSING_COMMA = "json-missing-comma", "Missing attribute seperator comma",
        "Properties of an object, and values of an array, are separated by commas.";
    JSON_ARRAY_VALUE = "json-array-value", "Invalid array value",
        "Values of an array have no names.";
    JSON_NUMBER = "json-number", "Invalid JSON number",
        "A JSON number has no leading zeros, digits on both sides of its point, and perhaps an exponent.";
    JSON_KEYWORD = "json-keyword", "Invalid JSON keyword",
        "The words of JSON are `true`, `false` and `null`.";
    JSON_STRING = "json-string", "Invalid JSON string",
        "A JSON string holds no control characters; a backslash is followed by one of `\" \\ / b f n r t`, or by `u` and four hexadecimal digits.";
    JSON_VALUE_TYPE = "json-value-type", "Incorrect JSON value type",
        "Blocks are written as JSON objects, or as arrays of objects.";
    JSON_MISSING_LABEL = "json-missing-label", "Missing block label",
        "The labels of a block are the names of nested properties.";
    JSON_DUPLICATE_ARGUMENT = "json-duplicate-argument", "Duplicate argument",
        "An argument is set once in a block.";
}
