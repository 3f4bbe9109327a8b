//! Text to tokens, one at a time, with a stack of modes for templates.
//!
//! The lexer decides alone what a byte means: a quote or a heredoc marker begins a template, `${` returns to the
//! ordinary mode, its brace goes back. The parser only asks for the next token, so a text is read once and no list of
//! tokens is kept. Characters that mean nothing become [`Kind::Invalid`] tokens; `parse` reports them.

use crate::unicode;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The end of the text; repeated for ever.
    Eof,
    /// A line break, or a comment to the end of the line together with its line break.
    Newline,
    /// A comment; only from [`Lexer::next_with_comments`].
    Comment,
    /// A word.
    Ident,
    /// Digits, dots and exponents as they stand; not always a valid number.
    Number,
    /// `"` that opens.
    OpenQuote,
    /// `"` that closes.
    CloseQuote,
    /// `<<EOT` with its line break.
    OpenHeredoc,
    /// The closing marker of a heredoc with the white space before it.
    CloseHeredoc,
    /// Text between quotes, escapes included.
    QuotedText,
    /// A line break between quotes, which is not allowed.
    QuotedNewline,
    /// Text of a heredoc or of a bare template, up to the end of its line.
    Text,
    /// `${` or `${~`.
    OpenInterpolation,
    /// `%{` or `%{~`.
    OpenDirective,
    /// `}` or `~}` that ends a sequence of a template.
    CloseSequence,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `=`
    Assign,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Bang,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `?`
    Question,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `=>`
    FatArrow,
    /// `&`, `|`, `^` or `~`: operators of other languages.
    Bitwise,
    /// A character that means nothing here.
    Invalid,
}

/// A kind and the bytes `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    /// Between quotes.
    Quoted,
    /// Between heredoc markers; the marker's bytes, and whether a line begins here.
    Heredoc { start: u32, end: u32, fresh: bool },
    /// Inside `${…}` or `%{…}`; how many braces are open in it.
    Sequence { braces: u32 },
}

/// A source text being cut into tokens.
#[derive(Debug, Clone)]
pub struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// The innermost mode last. Empty: the text's own.
    modes: Vec<Mode>,
    /// Whether the text itself is a template.
    bare_template: bool,
    /// Whether a `/*` without its end was seen: there is no `*/` after it, so nobody looks for one again.
    no_more_comments: bool,
}

impl<'t> Lexer<'t> {
    /// A lexer of a file or an expression.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            modes: Vec::new(),
            bare_template: false,
            no_more_comments: false,
        }
    }

    /// A lexer of a text that is a template as a whole.
    pub fn template(text: &'t str) -> Self {
        Self {
            bare_template: true,
            ..Self::new(text)
        }
    }

    /// Goes to the end: everything after it is [`Kind::Eof`].
    pub fn abort(&mut self) {
        self.at = self.bytes.len();
        self.modes.clear();
        self.bare_template = false;
    }

    /// Goes to a byte that is outside of all templates.
    pub fn restart(&mut self, at: usize) {
        self.at = at.min(self.bytes.len());
        self.modes.clear();
    }

    /// The next token, comments left out. A comment to the end of its line counts as the line break that it swallows.
    pub fn next(&mut self) -> Token {
        loop {
            let token = self.next_with_comments();
            if token.kind != Kind::Comment {
                return token;
            }
            if self.bytes.get(token.end as usize - 1) == Some(&b'\n') {
                return Token {
                    kind: Kind::Newline,
                    ..token
                };
            }
        }
    }

    /// The next token. A comment that runs to the end of its line contains the line break.
    pub fn next_with_comments(&mut self) -> Token {
        match self.modes.last() {
            Some(Mode::Quoted) => self.quoted(),
            Some(&Mode::Heredoc { start, end, fresh }) => self.heredoc(start, end, fresh),
            Some(Mode::Sequence { .. }) => self.ordinary(),
            None if self.bare_template => self.bare(),
            None => self.ordinary(),
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn token(&mut self, kind: Kind, length: usize) -> Token {
        let start = self.at;
        self.at = (self.at + length).min(self.bytes.len());
        Token {
            kind,
            start: start as u32,
            end: self.at as u32,
        }
    }

    fn ordinary(&mut self) -> Token {
        while matches!(self.peek(0), b' ' | b'\t') {
            self.at += 1;
        }
        let Some(&first) = self.bytes.get(self.at) else {
            return self.token(Kind::Eof, 0);
        };
        let second = self.peek(1);
        let (kind, length) = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (Kind::Ident, self.word()),
            b'0'..=b'9' => (Kind::Number, self.number()),
            b'\n' => (Kind::Newline, 1),
            b'\r' if second == b'\n' => (Kind::Newline, 2),
            b'"' => {
                self.modes.push(Mode::Quoted);
                (Kind::OpenQuote, 1)
            }
            b'#' => (Kind::Comment, self.line()),
            b'/' if second == b'/' => (Kind::Comment, self.line()),
            b'/' if second == b'*' && !self.no_more_comments => {
                match find(&self.bytes[self.at + 2..], b"*/") {
                    Some(length) => (Kind::Comment, length + 4),
                    None => {
                        self.no_more_comments = true;
                        (Kind::Slash, 1)
                    }
                }
            }
            b'{' => {
                if let Some(Mode::Sequence { braces }) = self.modes.last_mut() {
                    *braces += 1;
                }
                (Kind::OpenBrace, 1)
            }
            b'}' => (self.close_brace(), 1),
            b'~' if second == b'}' => {
                self.close_brace();
                (Kind::CloseSequence, 2)
            }
            b'[' => (Kind::OpenBracket, 1),
            b']' => (Kind::CloseBracket, 1),
            b'(' => (Kind::OpenParen, 1),
            b')' => (Kind::CloseParen, 1),
            b'=' => match second {
                b'=' => (Kind::Equal, 2),
                b'>' => (Kind::FatArrow, 2),
                _ => (Kind::Assign, 1),
            },
            b'!' if second == b'=' => (Kind::NotEqual, 2),
            b'!' => (Kind::Bang, 1),
            b'<' if second == b'=' => (Kind::LessOrEqual, 2),
            b'<' => match self.heredoc_marker() {
                Some((start, end, length)) => {
                    self.modes.push(Mode::Heredoc {
                        start,
                        end,
                        fresh: true,
                    });
                    (Kind::OpenHeredoc, length)
                }
                None => (Kind::Less, 1),
            },
            b'>' if second == b'=' => (Kind::GreaterOrEqual, 2),
            b'>' => (Kind::Greater, 1),
            b'&' if second == b'&' => (Kind::And, 2),
            b'|' if second == b'|' => (Kind::Or, 2),
            b'&' | b'|' | b'^' | b'~' => (Kind::Bitwise, 1),
            b'+' => (Kind::Plus, 1),
            b'-' => (Kind::Minus, 1),
            b'*' => (Kind::Star, 1),
            b'/' => (Kind::Slash, 1),
            b'%' => (Kind::Percent, 1),
            b'?' => (Kind::Question, 1),
            b':' if second == b':' => (Kind::DoubleColon, 2),
            b':' => (Kind::Colon, 1),
            b',' => (Kind::Comma, 1),
            b'.' if second == b'.' && self.peek(2) == b'.' => (Kind::Ellipsis, 3),
            b'.' => (Kind::Dot, 1),
            _ => {
                let char = self.char();
                if unicode::is_start(char) {
                    (Kind::Ident, self.word())
                } else {
                    (Kind::Invalid, char.len_utf8())
                }
            }
        };
        self.token(kind, length)
    }

    /// The character here.
    fn char(&self) -> char {
        self.text
            .get(self.at..)
            .and_then(|it| it.chars().next())
            .unwrap_or('\0')
    }

    /// The length of the word here; its first character is known to be right.
    fn word(&self) -> usize {
        let mut length = 0;
        loop {
            match self.peek(length) {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => length += 1,
                byte if byte < 0x80 => return length,
                _ => {
                    let next = self
                        .text
                        .get(self.at + length..)
                        .and_then(|it| it.chars().next());
                    match next {
                        Some(char) if unicode::is_continue(char) => length += char.len_utf8(),
                        Some(_) | None => return length,
                    }
                }
            }
        }
    }

    /// The length of the number here: digits, dots and exponents in any order, but no dot at its end.
    fn number(&self) -> usize {
        let mut length = 1;
        let mut ahead = 1;
        loop {
            match self.peek(ahead) {
                b'0'..=b'9' => {
                    ahead += 1;
                    length = ahead;
                }
                b'.' => ahead += 1,
                b'e' | b'E' => {
                    let signed = matches!(self.peek(ahead + 1), b'+' | b'-');
                    let digit = ahead + 1 + usize::from(signed);
                    if !self.peek(digit).is_ascii_digit() {
                        return length;
                    }
                    ahead = digit + 1;
                    length = ahead;
                }
                _ => return length,
            }
        }
    }

    /// The length of the rest of the line with its line break.
    fn line(&self) -> usize {
        let rest = &self.bytes[self.at..];
        rest.iter()
            .position(|it| *it == b'\n')
            .map_or(rest.len(), |it| it + 1)
    }

    /// The marker's bytes, and the length with the line break, if a heredoc opens here.
    fn heredoc_marker(&self) -> Option<(u32, u32, usize)> {
        if self.peek(1) != b'<' {
            return None;
        }
        let dash = usize::from(self.peek(2) == b'-');
        let mut here = Lexer {
            text: self.text,
            bytes: self.bytes,
            at: self.at + 2 + dash,
            modes: Vec::new(),
            bare_template: false,
            no_more_comments: false,
        };
        if !unicode::is_start(here.char()) {
            return None;
        }
        let start = here.at;
        let end = start + here.word();
        here.at = end;
        let newline = match (here.peek(0), here.peek(1)) {
            (b'\n', _) => 1,
            (b'\r', b'\n') => 2,
            _ => return None,
        };
        Some((start as u32, end as u32, end + newline - self.at))
    }

    fn close_brace(&mut self) -> Kind {
        match self.modes.last_mut() {
            Some(Mode::Sequence { braces: 0 }) => {
                self.modes.pop();
                Kind::CloseSequence
            }
            Some(Mode::Sequence { braces }) => {
                *braces -= 1;
                Kind::CloseBrace
            }
            Some(Mode::Quoted | Mode::Heredoc { .. }) | None => Kind::CloseBrace,
        }
    }

    /// The kind and length of the sequence opener here.
    fn opener(&self) -> Option<(Kind, usize)> {
        let kind = match (self.peek(0), self.peek(1)) {
            (b'$', b'{') => Kind::OpenInterpolation,
            (b'%', b'{') => Kind::OpenDirective,
            _ => return None,
        };
        Some((kind, 2 + usize::from(self.peek(2) == b'~')))
    }

    fn open_sequence(&mut self, kind: Kind, length: usize) -> Token {
        if let Some(Mode::Heredoc { fresh, .. }) = self.modes.last_mut() {
            *fresh = false;
        }
        self.modes.push(Mode::Sequence { braces: 0 });
        self.token(kind, length)
    }

    fn quoted(&mut self) -> Token {
        let Some(&first) = self.bytes.get(self.at) else {
            return self.token(Kind::Eof, 0);
        };
        if first == b'"' {
            self.modes.pop();
            return self.token(Kind::CloseQuote, 1);
        }
        if let Some((kind, length)) = self.opener() {
            return self.open_sequence(kind, length);
        }
        let newlines = self.bytes[self.at..]
            .iter()
            .take_while(|it| matches!(it, b'\n' | b'\r'))
            .count();
        if newlines > 0 {
            return self.token(Kind::QuotedNewline, newlines);
        }
        let mut end = self.at;
        loop {
            match self.bytes.get(end).copied() {
                None | Some(b'"' | b'\n' | b'\r') => break,
                Some(b'\\') => match self.bytes.get(end + 1).copied() {
                    // A backslash escapes any character of the line; without one it is a stray character.
                    None | Some(b'\n' | b'\r') => break,
                    Some(byte) => end += 1 + utf8_length(byte),
                },
                Some(sign @ (b'$' | b'%')) => {
                    match (self.bytes.get(end + 1), self.bytes.get(end + 2)) {
                        // At the end of the text the reference takes a sign for a stray character.
                        (Some(b'{') | None, _) => break,
                        (Some(next), Some(b'{')) if *next == sign => end += 3,
                        _ => end += 1,
                    }
                }
                Some(_) => end += 1,
            }
        }
        if end == self.at {
            return self.token(Kind::Invalid, 1);
        }
        self.token(Kind::QuotedText, end - self.at)
    }

    /// The length of template text here up to the end of its line (line break included) or to a sequence.
    fn text_line(&self) -> usize {
        let rest = &self.bytes[self.at..];
        let mut length = 0;
        loop {
            match rest.get(length).copied() {
                None => return length,
                Some(b'\n') => return length + 1,
                Some(b'$' | b'%') if length > 0 && length + 1 == rest.len() => return length,
                Some(sign @ (b'$' | b'%')) => match (rest.get(length + 1), rest.get(length + 2)) {
                    (Some(b'{'), _) => return length,
                    (Some(next), Some(b'{')) if *next == sign => length += 3,
                    _ => length += 1,
                },
                Some(_) => length += 1,
            }
        }
    }

    /// Whether a sign is all that is left: the reference takes it for a stray character inside strings.
    fn stray_sign(&self) -> bool {
        self.at + 1 == self.bytes.len() && matches!(self.peek(0), b'$' | b'%')
    }

    fn heredoc(&mut self, start: u32, end: u32, fresh: bool) -> Token {
        if self.at >= self.bytes.len() {
            return self.token(Kind::Eof, 0);
        }
        if let Some((kind, length)) = self.opener() {
            return self.open_sequence(kind, length);
        }
        if self.stray_sign() {
            return self.token(Kind::Invalid, 1);
        }
        let length = self.text_line();
        // A carriage return belongs to a line break; alone it means nothing in a heredoc.
        let lone = (self.at..self.at + length)
            .find(|at| self.bytes[*at] == b'\r' && self.bytes.get(at + 1) != Some(&b'\n'));
        let length = match lone {
            Some(at) if at == self.at => return self.token(Kind::Invalid, 1),
            Some(at) => at - self.at,
            None => length,
        };
        let line = self.text.get(self.at..self.at + length).unwrap_or("");
        let ends = line.ends_with('\n');
        if fresh && ends && line.trim() == self.text.get(start as usize..end as usize).unwrap_or("")
        {
            self.modes.pop();
            let newline = if line.ends_with("\r\n") { 2 } else { 1 };
            return self.token(Kind::CloseHeredoc, line.len() - newline);
        }
        // A sign and one blank at the end of a line end a token in the reference. It shows where a strip marker follows:
        // that takes the line break only, and the blank stays.
        let content = line.trim_end_matches(['\r', '\n']);
        let ends_with_sign = ["$ ", "% ", "$\t", "%\t"]
            .iter()
            .any(|it| content.ends_with(it));
        let (length, ends) = if ends && ends_with_sign {
            (content.len(), false)
        } else {
            (length, ends)
        };
        if let Some(Mode::Heredoc { fresh, .. }) = self.modes.last_mut() {
            *fresh = ends;
        }
        self.token(Kind::Text, length)
    }

    fn bare(&mut self) -> Token {
        if self.at >= self.bytes.len() {
            return self.token(Kind::Eof, 0);
        }
        if let Some((kind, length)) = self.opener() {
            return self.open_sequence(kind, length);
        }
        let length = self.text_line();
        self.token(Kind::Text, length)
    }
}

/// How many bytes a character has that begins with this byte.
fn utf8_length(first: u8) -> usize {
    match first {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds and texts of all tokens.
    fn tokens(text: &str) -> Vec<(Kind, &str)> {
        let mut lexer = Lexer::new(text);
        let mut res = Vec::new();
        loop {
            let token = lexer.next();
            if token.kind == Kind::Eof {
                return res;
            }
            res.push((token.kind, &text[token.start as usize..token.end as usize]));
        }
    }

    #[test]
    fn numbers_and_dots() {
        for (text, number) in [
            ("1.5e3 ", "1.5e3"),
            ("1..2", "1..2"),
            ("1...", "1"),
            ("1e", "1"),
            ("1.e5", "1.e5"),
            ("5.a", "5"),
            ("1e+", "1"),
        ] {
            assert_eq!(tokens(text)[0], (Kind::Number, number), "{text}");
        }
    }

    #[test]
    fn lone_carriage_returns() {
        let text = "<<E\r\na\r\nb\rc\n\rd\nE\n";
        let kinds: Vec<_> = tokens(text).iter().map(|it| it.0).collect();
        assert_eq!(
            kinds,
            [
                Kind::OpenHeredoc,
                Kind::Text,
                Kind::Text,
                Kind::Invalid,
                Kind::Text,
                Kind::Invalid,
                Kind::Text,
                Kind::CloseHeredoc,
                Kind::Newline
            ]
        );
    }

    #[test]
    fn templates_nest() {
        let kinds: Vec<_> = tokens("\"a${ {b=\"}\"} }%{~c~}\"")
            .iter()
            .map(|it| it.1)
            .collect();
        assert_eq!(
            kinds,
            [
                "\"", "a", "${", "{", "b", "=", "\"", "}", "\"", "}", "}", "%{~", "c", "~}", "\""
            ]
        );
    }

    #[test]
    fn heredocs_end_at_their_marker_alone_on_a_line() {
        let texts: Vec<_> = tokens("<<-A\r\n  b A\n A \r\nc")
            .iter()
            .map(|it| it.1)
            .collect();
        assert_eq!(texts, ["<<-A\r\n", "  b A\n", " A ", "\r\n", "c"]);
        assert_eq!(tokens("<<A \nx")[0].0, Kind::Less);
        assert_eq!(tokens("<<A\nx\nA").last().unwrap().0, Kind::Text);
    }

    #[test]
    fn signs_in_texts() {
        assert_eq!(
            tokens("\"$$${a} %% $\"")[1],
            (Kind::QuotedText, "$$${a} %% $")
        );
        assert_eq!(tokens("\"$${~a\\${b\"")[1].1, "$${~a\\${b");
    }

    #[test]
    fn comments() {
        assert_eq!(
            tokens("a # b\n/* c\n */ d // e"),
            [
                (Kind::Ident, "a"),
                (Kind::Newline, "# b\n"),
                (Kind::Ident, "d")
            ]
        );
        assert_eq!(tokens("/* a")[0].0, Kind::Slash);
    }
}
