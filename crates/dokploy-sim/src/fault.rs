//! What can be made to go wrong.

/// A fault: which calls it befalls, and what then happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The calls that it befalls.
    pub when: Match,
    /// What happens to them.
    pub effect: Effect,
}

impl Fault {
    /// A fault of every call that matches, until [`Sim::heal`](crate::Sim::heal).
    pub fn always(procedure: &str, effect: Effect) -> Fault {
        Fault {
            when: Match {
                procedure: procedure.to_owned(),
                nth: Nth::Every,
            },
            effect,
        }
    }

    /// A fault of the nth call that matches, counted from 1 and from the injection on.
    pub fn nth(procedure: &str, n: u64, effect: Effect) -> Fault {
        Fault {
            when: Match {
                procedure: procedure.to_owned(),
                nth: Nth::Only(n),
            },
            effect,
        }
    }

    /// A fault of the first n calls that match.
    pub fn first(procedure: &str, n: u64, effect: Effect) -> Fault {
        Fault {
            when: Match {
                procedure: procedure.to_owned(),
                nth: Nth::First(n),
            },
            effect,
        }
    }
}

/// Which calls a fault befalls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The procedure, in which `*` stands for any text: `registry.create`, `registry.*`, `*.one`, `*`.
    pub procedure: String,
    /// Which of the calls to it, counted from the injection on.
    pub nth: Nth,
}

/// Which of the matching calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nth {
    /// Each of them.
    Every,
    /// This one, counted from 1.
    Only(u64),
    /// This many from the beginning.
    First(u64),
    /// This one, counted from 1, and all after it.
    From(u64),
}

impl Nth {
    pub(crate) fn holds(self, n: u64) -> bool {
        match self {
            Nth::Every => true,
            Nth::Only(it) => n == it,
            Nth::First(count) => n <= count,
            Nth::From(it) => n >= it,
        }
    }
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The connection is refused.
    Refuse,
    /// The call takes this many milliseconds, and goes on in the server when the client gives up. For calls that
    /// hold a database transaction meanwhile (`registry.create` with a serverId), ten at once hang the server.
    DelayMs(u64),
    /// The call is carried out, and its reply is lost.
    LoseReply,
    /// The request is lost on its way: not carried out.
    LoseRequest,
    /// A 500 in Dokploy's form; not carried out.
    Status500,
    /// A 502 with an HTML page, as proxies in front of Dokploy send; not carried out.
    Html502,
    /// The bare 401 of a rate-limited key (or of a database that is down); not carried out.
    RateLimited401,
    /// A 429, as proxies in front of Dokploy send, with a `retry-after` in seconds; not carried out.
    TooMany429 {
        /// The value of the header, if there is to be one.
        retry_after: Option<u64>,
    },
    /// The call is carried out, and the connection breaks in the middle of the reply's body.
    CutBody,
    /// The call is carried out, and the reply is JSON of another shape than Dokploy's.
    WrongJson,
    /// The call is carried out, and secrets in the reply are replaced by asterisks.
    MaskedValue,
    /// The call is carried out, and this reply is sent in place of its own.
    Reply {
        /// The status to send.
        status: u16,
        /// The content type to send.
        content_type: String,
        /// The body to send.
        body: String,
    },
    /// The server stops before it carries the call out; all calls are refused until it is healed.
    KillBefore,
    /// The server stops after it carried the call out, before it replies; all calls are refused until it is healed.
    KillAfter,
    /// The server hangs, as it does with ten nested changes at once: no call is answered until it is healed.
    Hang,
}

/// Whether the text is what the pattern describes, in which `*` stands for any text.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Nth, glob};

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("registry.create", "registry.create", true),
            ("registry.create", "registry.createx", false),
            ("registry.*", "registry.one", true),
            ("*.one", "registry.one", true),
            ("*.one", "registry.all", false),
            ("*", "anything", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn counting() {
        let held = |nth: Nth| (1..=4).filter(|n| nth.holds(*n)).collect::<Vec<_>>();
        assert_eq!(held(Nth::Every), [1, 2, 3, 4]);
        assert_eq!(held(Nth::Only(2)), [2]);
        assert_eq!(held(Nth::First(2)), [1, 2]);
        assert_eq!(held(Nth::From(3)), [3, 4]);
    }
}
