//! Comma-separated values as Go reads them.

/// The rows, all with as many fields as the first. Empty lines do not count.
pub(crate) fn parse(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut rest = text;
    let mut line = 0;
    while !rest.is_empty() {
        line += 1;
        let (first, after) = next_line(rest);
        if first.is_empty() {
            rest = after;
            continue;
        }
        let (row, after, lines) = row(rest, line)?;
        line += lines;
        rest = after;
        if let Some(names) = rows.first()
            && names.len() != row.len()
        {
            return Err(format!(
                "line {line} has {} fields, and the first has {}",
                row.len(),
                names.len()
            ));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A line without its end, and what follows.
fn next_line(text: &str) -> (&str, &str) {
    match text.split_once('\n') {
        Some((line, rest)) => (line.strip_suffix('\r').unwrap_or(line), rest),
        None => (text.strip_suffix('\r').unwrap_or(text), ""),
    }
}

/// The fields of a row, what follows, and how many lines more than one it took.
fn row(text: &str, line: usize) -> Result<(Vec<String>, &str, usize), String> {
    let mut fields = Vec::new();
    let mut lines = 0;
    let mut rest = text;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            rest = quoted;
            loop {
                let Some((part, after)) = rest.split_once('"') else {
                    return Err(format!("a quote that begins in line {line} has no end"));
                };
                lines += part.bytes().filter(|it| *it == b'\n').count();
                field.push_str(&part.replace("\r\n", "\n"));
                match after.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        rest = after;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
            fields.push(field);
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
                continue;
            }
            let (left, after) = next_line(rest);
            if !left.is_empty() {
                return Err(format!(
                    "in line {line} something follows the closing quote of a field"
                ));
            }
            return Ok((fields, after, lines));
        }
        let (whole, after_line) = next_line(rest);
        let field = whole.split(',').next().unwrap_or(whole);
        if field.contains('"') {
            return Err(format!(
                "line {line} has a quote inside a field that does not begin with one"
            ));
        }
        fields.push(field.to_owned());
        if field.len() < whole.len() {
            rest = rest.get(field.len() + 1..).unwrap_or("");
            continue;
        }
        return Ok((fields, after_line, lines));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let res = parse(text).unwrap();
        let res: Vec<Vec<&str>> = res
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        assert_eq!(res, expected, "{text:?}");
    }

    #[test]
    fn fields() {
        check("a,b\n1,2", &[&["a", "b"], &["1", "2"]]);
        check(
            "a,\n\r\n\"x,\"\"y\",\"l1\r\nl2\"\r\n",
            &[&["a", ""], &["x,\"y", "l1\nl2"]],
        );
        check("a, b", &[&["a", " b"]]);
        check("", &[]);
        check("\n\n", &[]);
    }

    #[test]
    fn mistakes() {
        for text in ["a,b\n1", "a\nx\"y", "a\n\"x", "a\n\"x\"y", "a,b\n1,2,3"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
