//! Character encodings by their IANA names.

mod tables;

use encoding_rs::Encoding;

/// A character encoding.
pub(crate) enum Charset {
    Utf8,
    Ascii,
    Latin1,
    Utf16 {
        big: bool,
        mark: bool,
    },
    /// One byte a character: those of the upper half, or of all.
    Bytes(&'static str),
    Table(&'static Encoding),
}

/// The encoding of a name; capitals do not count.
pub(crate) fn by_name(name: &str) -> Option<Charset> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "utf-8" | "csutf8" => Charset::Utf8,
        "us-ascii" | "ansi_x3.4-1968" | "iso646-us" | "us" | "iso-ir-6" | "cp367" | "ibm367"
        | "csascii" => Charset::Ascii,
        "iso-8859-1" | "iso_8859-1" | "iso_8859-1:1987" | "latin1" | "l1" | "iso-ir-100"
        | "ibm819" | "cp819" | "csisolatin1" => Charset::Latin1,
        "utf-16" | "csutf16" => Charset::Utf16 {
            big: true,
            mark: true,
        },
        "utf-16be" | "csutf16be" => Charset::Utf16 {
            big: true,
            mark: false,
        },
        "utf-16le" | "csutf16le" => Charset::Utf16 {
            big: false,
            mark: false,
        },
        name => match bytes(name) {
            Some(it) => Charset::Bytes(it),
            None => Charset::Table(table(name)?),
        },
    })
}

fn bytes(name: &str) -> Option<&'static str> {
    use tables as t;
    Some(match name {
        "iso-8859-2" | "iso_8859-2" | "iso_8859-2:1987" | "latin2" | "l2" | "iso-ir-101"
        | "csisolatin2" => t::ISO_8859_2,
        "iso-8859-3" | "iso_8859-3" | "iso_8859-3:1988" | "latin3" | "l3" | "iso-ir-109"
        | "csisolatin3" => t::ISO_8859_3,
        "iso-8859-4" | "iso_8859-4" | "iso_8859-4:1988" | "latin4" | "l4" | "iso-ir-110"
        | "csisolatin4" => t::ISO_8859_4,
        "iso-8859-5" | "iso_8859-5" | "iso_8859-5:1988" | "cyrillic" | "iso-ir-144"
        | "csisolatincyrillic" => t::ISO_8859_5,
        "iso-8859-6" | "iso_8859-6" | "iso_8859-6:1987" | "arabic" | "iso-ir-127" | "ecma-114"
        | "asmo-708" | "csisolatinarabic" | "iso-8859-6-e" | "iso_8859-6-e" | "csiso88596e"
        | "iso-8859-6-i" | "iso_8859-6-i" | "csiso88596i" => t::ISO_8859_6,
        "iso-8859-7" | "iso_8859-7" | "iso_8859-7:1987" | "greek" | "greek8" | "iso-ir-126"
        | "elot_928" | "ecma-118" | "csisolatingreek" => t::ISO_8859_7,
        "iso-8859-8" | "iso_8859-8" | "iso_8859-8:1988" | "hebrew" | "iso-ir-138"
        | "csisolatinhebrew" | "iso-8859-8-e" | "iso_8859-8-e" | "csiso88598e" | "iso-8859-8-i"
        | "iso_8859-8-i" | "csiso88598i" => t::ISO_8859_8,
        "iso-8859-9" | "iso_8859-9" | "iso_8859-9:1989" | "latin5" | "l5" | "iso-ir-148"
        | "csisolatin5" => t::ISO_8859_9,
        "iso-8859-10" | "iso-ir-157" | "l6" | "iso_8859-10:1992" | "latin6" | "csisolatin6" => {
            t::ISO_8859_10
        }
        "iso-8859-13" | "csiso885913" => t::ISO_8859_13,
        "iso-8859-14" | "iso_8859-14" | "iso_8859-14:1998" | "latin8" | "l8" | "iso-ir-199"
        | "iso-celtic" | "csiso885914" => t::ISO_8859_14,
        "iso-8859-15" | "iso_8859-15" | "latin-9" | "csiso885915" => t::ISO_8859_15,
        "iso-8859-16" | "iso_8859-16" | "iso_8859-16:2001" | "latin10" | "l10" | "iso-ir-226"
        | "csiso885916" => t::ISO_8859_16,
        "windows-874" | "cswindows874" => t::WINDOWS_874,
        "windows-1250" | "cswindows1250" => t::WINDOWS_1250,
        "windows-1251" | "cswindows1251" => t::WINDOWS_1251,
        "windows-1252" | "cswindows1252" => t::WINDOWS_1252,
        "windows-1253" | "cswindows1253" => t::WINDOWS_1253,
        "windows-1254" | "cswindows1254" => t::WINDOWS_1254,
        "windows-1255" | "cswindows1255" => t::WINDOWS_1255,
        "windows-1256" | "cswindows1256" => t::WINDOWS_1256,
        "windows-1257" | "cswindows1257" => t::WINDOWS_1257,
        "windows-1258" | "cswindows1258" => t::WINDOWS_1258,
        "koi8-r" | "cskoi8r" => t::KOI8_R,
        "koi8-u" | "cskoi8u" => t::KOI8_U,
        "macintosh" | "mac" | "csmacintosh" => t::MACINTOSH,
        "ibm437" | "cp437" | "437" | "cspc8codepage437" => t::IBM_437,
        "ibm850" | "cp850" | "850" | "cspc850multilingual" => t::IBM_850,
        "ibm852" | "cp852" | "852" | "cspcp852" => t::IBM_852,
        "ibm855" | "cp855" | "855" | "csibm855" => t::IBM_855,
        "ibm00858" | "ccsid00858" | "cp00858" | "pc-multilingual-850+euro" | "csibm00858" => {
            t::IBM_858
        }
        "ibm860" | "cp860" | "860" | "csibm860" => t::IBM_860,
        "ibm862" | "cp862" | "862" | "cspc862latinhebrew" => t::IBM_862,
        "ibm863" | "cp863" | "863" | "csibm863" => t::IBM_863,
        "ibm865" | "cp865" | "865" | "csibm865" => t::IBM_865,
        "ibm866" | "cp866" | "866" | "csibm866" => t::IBM_866,
        "ibm037" | "cp037" | "ebcdic-cp-us" | "ebcdic-cp-ca" | "ebcdic-cp-wt" | "ebcdic-cp-nl"
        | "csibm037" => t::IBM_037,
        "ibm1047" | "ibm-1047" | "csibm1047" => t::IBM_1047,
        "ibm01140" | "ccsid01140" | "cp01140" | "ebcdic-us-37+euro" | "csibm01140" => t::IBM_1140,
        _ => return None,
    })
}

fn table(name: &str) -> Option<&'static Encoding> {
    use encoding_rs as e;
    Some(match name {
        "gbk" | "cp936" | "ms936" | "windows-936" | "csgbk" => e::GBK,
        "gb18030" | "csgb18030" => e::GB18030,
        "big5" | "csbig5" => e::BIG5,
        "euc-jp" | "extended_unix_code_packed_format_for_japanese" | "cseucpkdfmtjapanese" => {
            e::EUC_JP
        }
        "iso-2022-jp" | "csiso2022jp" => e::ISO_2022_JP,
        "shift_jis" | "ms_kanji" | "csshiftjis" => e::SHIFT_JIS,
        "euc-kr" | "cseuckr" => e::EUC_KR,
        _ => return None,
    })
}

impl Charset {
    /// The bytes of a text; an error where a character has none.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u8>, String> {
        let cannot = || "it has a character that does not exist in this encoding".to_owned();
        let up_to = |limit: u32| {
            text.chars()
                .map(|it| u8::try_from(it as u32).ok().filter(|_| (it as u32) < limit))
                .collect::<Option<Vec<u8>>>()
                .ok_or_else(cannot)
        };
        match self {
            Charset::Utf8 => Ok(text.as_bytes().to_vec()),
            Charset::Ascii => up_to(0x80),
            Charset::Latin1 => up_to(0x100),
            Charset::Utf16 { big, mark } => {
                let start = mark.then_some(0xFEFF);
                Ok(start
                    .into_iter()
                    .chain(text.encode_utf16())
                    .flat_map(|it| {
                        if *big {
                            it.to_be_bytes()
                        } else {
                            it.to_le_bytes()
                        }
                    })
                    .collect())
            }
            Charset::Bytes(table) => {
                let ascii = u8::try_from(256 - table.chars().count()).unwrap_or(0);
                let upper: std::collections::BTreeMap<char, u8> =
                    table.chars().zip(ascii..=255).collect();
                text.chars()
                    .map(|it| match u8::try_from(it as u32) {
                        Ok(it) if it < ascii => Some(it),
                        _ => upper
                            .get(&it)
                            .copied()
                            .filter(|_| it != char::REPLACEMENT_CHARACTER),
                    })
                    .collect::<Option<Vec<u8>>>()
                    .ok_or_else(cannot)
            }
            Charset::Table(it) => {
                let (bytes, _, replaced) = it.encode(text);
                if replaced {
                    return Err(cannot());
                }
                Ok(bytes.into_owned())
            }
        }
    }

    /// The text of bytes; an error where some are no character.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<String, String> {
        let text = self.decode_replacing(bytes);
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err("it has bytes that are no characters in this encoding".to_owned());
        }
        Ok(text)
    }

    fn decode_replacing(&self, bytes: &[u8]) -> String {
        match self {
            Charset::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Charset::Ascii => bytes
                .iter()
                .map(|it| {
                    if it.is_ascii() {
                        char::from(*it)
                    } else {
                        char::REPLACEMENT_CHARACTER
                    }
                })
                .collect(),
            Charset::Latin1 => bytes.iter().map(|it| char::from(*it)).collect(),
            Charset::Utf16 { big, mark } => {
                let (mut big, mut bytes) = (*big, bytes);
                if *mark {
                    match bytes {
                        [0xFE, 0xFF, rest @ ..] => bytes = rest,
                        [0xFF, 0xFE, rest @ ..] => {
                            big = false;
                            bytes = rest;
                        }
                        _ => {}
                    }
                }
                let units = bytes.chunks(2).map(|it| match it {
                    [a, b] if big => u16::from_be_bytes([*a, *b]),
                    [a, b] => u16::from_le_bytes([*a, *b]),
                    _ => 0xFFFD,
                });
                char::decode_utf16(units)
                    .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect()
            }
            Charset::Bytes(table) => {
                let ascii = 256 - table.chars().count();
                let table: Vec<char> = table.chars().collect();
                bytes
                    .iter()
                    .map(|it| match usize::from(*it).checked_sub(ascii) {
                        None => char::from(*it),
                        Some(at) => table
                            .get(at)
                            .copied()
                            .unwrap_or(char::REPLACEMENT_CHARACTER),
                    })
                    .collect()
            }
            Charset::Table(it) => it.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}
