//! Functions of files and paths. What is read goes through the world.

use value::function::{Call, CallError, Function, any, text};
use value::{Type, Value};

use super::encoding::base64;
use super::{hash, paths};

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new("file", "Reads a file as text.")
            .takes([text("path")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(text_of(call, 0)?.into()))
            .example(r#"try(file("no/such/file"), "none")"#, r#""none""#),
        Function::new("filebase64", "Reads a file and gives its bytes as Base64.")
            .takes([text("path")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(base64(&bytes_of(call, 0)?).into()))
            .example(r#"can(filebase64("no/such/file"))"#, "false"),
        Function::new("fileexists", "Whether a file is there.")
            .takes([text("path")])
            .gives(Type::Bool)
            .not_null()
            .body(|call| {
                let path = at_home(call, call.text(0));
                Ok(call
                    .world
                    .file_exists(&path)
                    .map_err(CallError::new)?
                    .into())
            })
            .example(r#"fileexists("no/such/file")"#, "false"),
        Function::new(
            "fileset",
            "Gives the files below a directory whose paths match a pattern.",
        )
        .takes([text("path"), text("pattern")])
        .gives(Type::set(Type::String))
        .not_null()
        .body(fileset)
        .example(r#"fileset("no/such/directory", "*")"#, "toset([])"),
        digest(
            "filemd5",
            "Gives the MD5 digest of a file as hexadecimal digits.",
            |call| Ok(hash::hex(&hash::md5(&digested(call)?)).into()),
        )
        .example(r#"can(filemd5("no/such/file"))"#, "false"),
        digest(
            "filesha1",
            "Gives the SHA-1 digest of a file as hexadecimal digits.",
            |call| Ok(hash::hex(&hash::sha1(&digested(call)?)).into()),
        )
        .example(r#"can(filesha1("no/such/file"))"#, "false"),
        digest(
            "filesha256",
            "Gives the SHA-256 digest of a file as hexadecimal digits.",
            |call| Ok(hash::hex(&hash::sha256(&digested(call)?)).into()),
        )
        .example(r#"can(filesha256("no/such/file"))"#, "false"),
        digest(
            "filesha512",
            "Gives the SHA-512 digest of a file as hexadecimal digits.",
            |call| Ok(hash::hex(&hash::sha512(&digested(call)?)).into()),
        )
        .example(r#"can(filesha512("no/such/file"))"#, "false"),
        digest(
            "filebase64sha256",
            "Gives the SHA-256 digest of a file as Base64.",
            |call| Ok(base64(&hash::sha256(&digested(call)?)).into()),
        )
        .example(r#"can(filebase64sha256("no/such/file"))"#, "false"),
        digest(
            "filebase64sha512",
            "Gives the SHA-512 digest of a file as Base64.",
            |call| Ok(base64(&hash::sha512(&digested(call)?)).into()),
        )
        .example(r#"can(filebase64sha512("no/such/file"))"#, "false"),
        Function::new("templatefile", "Reads a file and renders it as a template.")
            .takes([text("path"), any("vars")])
            .gives(Type::Dynamic)
            .body(|call| {
                let text = text_of(call, 0)?;
                let res = call.world.render(call.text(0), &text, &call.arg(1));
                // What is wrong with the text is not wrong with the path.
                res.map_err(|it| match it.argument {
                    Some(0) => CallError::new(it.reason),
                    _ => it,
                })
            })
            .example(r#"can(templatefile("no/such/file", {}))"#, "false"),
        Function::new("abspath", "Makes a path absolute.")
            .takes([text("path")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(paths::clean(&call.world.absolute(call.text(0))).into()))
            .example(r#"abspath("/a/../b")"#, r#""/b""#),
        Function::new("basename", "Gives the last part of a path.")
            .takes([text("path")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(paths::base(call.text(0)).into()))
            .example(r#"basename("foo/bar/baz.txt")"#, r#""baz.txt""#),
        Function::new("dirname", "Gives a path without its last part.")
            .takes([text("path")])
            .gives(Type::String)
            .not_null()
            .body(|call| Ok(paths::directory(call.text(0)).into()))
            .example(r#"dirname("foo/bar/baz.txt")"#, r#""foo/bar""#),
        Function::new(
            "pathexpand",
            "Replaces `~` at the start of a path by the home directory.",
        )
        .takes([text("path")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let path = call.text(0);
            if path.starts_with('~') && path != "~" && !path.starts_with("~/") {
                return Err(CallError::new(
                    "only ~ and ~/ can be replaced, not the directories of other users",
                ));
            }
            if path.is_empty() {
                return Ok("".into());
            }
            Ok(at_home(call, path).into())
        })
        .example(r#"pathexpand("a/b")"#, r#""a/b""#),
    ]
}

fn digest(
    name: &'static str,
    doc: &'static str,
    body: fn(&Call<'_>) -> Result<Value, CallError>,
) -> Function {
    Function::new(name, doc)
        .takes([text("path")])
        .gives(Type::String)
        .not_null()
        .body(body)
}

/// A path with its `~` replaced, where there is a home directory; no path is the directory that all are relative to.
fn at_home(call: &Call<'_>, path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let Some(rest) = path.strip_prefix('~') else {
        return path.to_owned();
    };
    match call.world.home() {
        Some(home) if rest.is_empty() => home,
        Some(home) if rest.starts_with('/') => paths::join(&home, rest),
        _ => path.to_owned(),
    }
}

fn bytes_of(call: &Call<'_>, at: usize) -> Result<Vec<u8>, CallError> {
    let path = at_home(call, call.text(at));
    call.world
        .read_file(&path)
        .map_err(|it| CallError::at(at, it))
}

fn digested(call: &Call<'_>) -> Result<Vec<u8>, CallError> {
    bytes_of(call, 0).map_err(|it| CallError::new(it.reason))
}

fn text_of(call: &Call<'_>, at: usize) -> Result<String, CallError> {
    String::from_utf8(bytes_of(call, at)?)
        .map_err(|_| CallError::new("the file is not text in UTF-8; filebase64 reads other files"))
}

fn fileset(call: &Call<'_>) -> Result<Value, CallError> {
    let directory = at_home(call, call.text(0));
    let joined = paths::join(&directory, call.text(1));
    let from = paths::clean(&directory);
    let parts: Vec<&str> = joined.split('/').collect();
    let fixed = parts.iter().take_while(|it| !paths::is_pattern(it)).count();
    let found: Vec<String> = if fixed == parts.len() {
        // Without a pattern it is the path of one file.
        match call.world.file_exists(&joined) {
            Ok(true) => vec![joined],
            _ => vec![],
        }
    } else {
        let (head, tail) = parts.split_at(fixed);
        let pattern = paths::Pattern::parse(&tail.join("/")).map_err(CallError::new)?;
        let head = head.join("/");
        let (start, prefix) = match head.as_str() {
            "" if joined.starts_with('/') => ("/", "/".to_owned()),
            "" => (".", String::new()),
            head => (head, format!("{head}/")),
        };
        let files = match pattern.depth() {
            Some(parts) => call.world.list_files_within(start, parts),
            None => call.world.list_files(start),
        };
        let files = files.map_err(CallError::new)?;
        files
            .into_iter()
            .filter(|it| pattern.matches(it))
            .map(|it| format!("{prefix}{it}"))
            .collect()
    };
    let found = found
        .iter()
        .map(|it| Value::from(paths::relative(&from, it)));
    Ok(Value::set(Type::String, found.collect()))
}
