//! What came of tests as JUnit XML, which CI systems show: a suite a file, a case a run.

use std::fmt::Write as _;

/// A test file.
pub(crate) struct Suite {
    /// Its path.
    pub name: String,
    /// Its runs, in their order.
    pub cases: Vec<Case>,
}

/// A run.
pub(crate) struct Case {
    /// Its name.
    pub name: String,
    /// When it began and how many seconds it took; `None` where it was skipped.
    pub time: Option<(String, f64)>,
    /// How it ended.
    pub end: End,
}

/// How a run ended.
pub(crate) enum End {
    /// All is well.
    Passed,
    /// Assertions do not hold: in a line, and all that was said.
    Failed(String, String),
    /// It could not be carried out: all that was said.
    Errored(String),
    /// It was not carried out: why.
    Skipped(String),
}

/// The document.
pub(crate) fn document(suites: &[Suite]) -> String {
    let mut res = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in suites {
        let count =
            |is_it: fn(&End) -> bool| suite.cases.iter().filter(|it| is_it(&it.end)).count();
        let _ = writeln!(
            res,
            "  <testsuite name=\"{}\" tests=\"{}\" skipped=\"{}\" failures=\"{}\" errors=\"{}\">",
            attribute(&suite.name),
            suite.cases.len(),
            count(|it| matches!(it, End::Skipped(_))),
            count(|it| matches!(it, End::Failed(..))),
            count(|it| matches!(it, End::Errored(_))),
        );
        for case in &suite.cases {
            let _ = write!(
                res,
                "    <testcase name=\"{}\" classname=\"{}\"",
                attribute(&case.name),
                attribute(&suite.name)
            );
            if let Some((start, seconds)) = &case.time {
                let _ = write!(
                    res,
                    " time=\"{seconds:.9}\" timestamp=\"{}\"",
                    attribute(start)
                );
            }
            let (element, message, text) = match &case.end {
                End::Passed => {
                    res.push_str("></testcase>\n");
                    continue;
                }
                End::Failed(message, text) => ("failure", message.as_str(), text.as_str()),
                End::Errored(text) => ("error", "The run could not be carried out", text.as_str()),
                End::Skipped(text) => ("skipped", "The run was not carried out", text.as_str()),
            };
            let _ = writeln!(
                res,
                ">\n      <{element} message=\"{}\"><![CDATA[{}]]></{element}>\n    </testcase>",
                attribute(message),
                characters(&text.replace("]]>", "]]]]><![CDATA[>"))
            );
        }
        res.push_str("  </testsuite>\n");
    }
    res.push_str("</testsuites>\n");
    res
}

/// Without the characters that XML cannot hold at all.
fn characters(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r'))
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

fn attribute(text: &str) -> String {
    let mut res = String::new();
    for c in characters(text).chars() {
        match c {
            '&' => res.push_str("&amp;"),
            '<' => res.push_str("&lt;"),
            '>' => res.push_str("&gt;"),
            '"' => res.push_str("&quot;"),
            '\n' => res.push_str("&#xA;"),
            '\r' => res.push_str("&#xD;"),
            '\t' => res.push_str("&#x9;"),
            c => res.push(c),
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_inside_their_elements() {
        let suite = Suite {
            name: "a&b.tftest.hcl".to_owned(),
            cases: vec![
                Case {
                    name: "<\"x\">".to_owned(),
                    time: Some(("2026-01-01T00:00:00Z".to_owned(), 0.5)),
                    end: End::Failed("1 of 2\nfails".to_owned(), "a ]]> b\u{1b}[31m".to_owned()),
                },
                Case {
                    name: "y".to_owned(),
                    time: None,
                    end: End::Skipped("because".to_owned()),
                },
            ],
        };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
            <testsuite name=\"a&amp;b.tftest.hcl\" tests=\"2\" skipped=\"1\" failures=\"1\" errors=\"0\">\n    \
            <testcase name=\"&lt;&quot;x&quot;&gt;\" classname=\"a&amp;b.tftest.hcl\" time=\"0.500000000\" timestamp=\"2026-01-01T00:00:00Z\">\n      \
            <failure message=\"1 of 2&#xA;fails\"><![CDATA[a ]]]]><![CDATA[> b[31m]]></failure>\n    </testcase>\n    \
            <testcase name=\"y\" classname=\"a&amp;b.tftest.hcl\">\n      \
            <skipped message=\"The run was not carried out\"><![CDATA[because]]></skipped>\n    </testcase>\n  \
            </testsuite>\n</testsuites>\n";
        assert_eq!(document(&[suite]), expected);
    }
}
