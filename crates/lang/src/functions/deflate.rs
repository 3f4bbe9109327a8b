//! Compression to the same bytes as Go's `compress/gzip` at its default level, flushed once and then closed.
//!
//! Which of the many valid streams one gets depends on how matches are searched (hash chains of four bytes, lazy
//! matching), how code lengths are chosen, and when a block is stored or uses the fixed codes. What users compress goes
//! into attributes that force a replacement when they change, so that all of it has to be as there.

/// A gzip stream of the bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new();
    compressor.write(bytes);
    compressor.flush();
    let mut bits = compressor.bits;
    // The flush, then the end: empty stored blocks.
    bits.stored_header(0, false);
    bits.stored_header(0, true);
    let mut res = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    res.append(&mut bits.out);
    res.extend(crc32(bytes).to_le_bytes());
    res.extend((bytes.len() as u32).to_le_bytes());
    res
}

const WINDOW: usize = 1 << 15;
const MIN_MATCH: usize = 4;
const MAX_MATCH: usize = 258;
const MAX_TOKENS: usize = 1 << 14;
const HASH_BITS: u32 = 17;
const MAX_STORED: usize = 65_535;

// The settings of level 6.
const GOOD: usize = 8;
const LAZY: usize = 16;
const NICE: usize = 128;
const CHAIN: usize = 128;

#[derive(Clone, Copy)]
enum Token {
    Literal(u8),
    /// The length less 3 and the distance less 1.
    Match(usize, usize),
}

/// Finds matches. Positions are those of the whole input; `base` is where the window begins.
struct Compressor {
    input: Vec<u8>,
    base: usize,
    end: usize,
    index: usize,
    block_start: usize,
    /// The position after which a hash was last seen, plus one; 0 where never.
    heads: Vec<usize>,
    /// The one before, by position in the window.
    previous: Vec<usize>,
    chain_head: usize,
    length: usize,
    distance: usize,
    byte_available: bool,
    tokens: Vec<Token>,
    bits: Bits,
}

impl Compressor {
    fn new() -> Compressor {
        Compressor {
            input: Vec::new(),
            base: 0,
            end: 0,
            index: 0,
            block_start: 0,
            heads: vec![0; 1 << HASH_BITS],
            previous: vec![0; WINDOW],
            chain_head: 0,
            length: MIN_MATCH - 1,
            distance: 0,
            byte_available: false,
            tokens: Vec::new(),
            bits: Bits::default(),
        }
    }

    /// Takes the input as the window has room for it.
    fn write(&mut self, bytes: &[u8]) {
        self.input = bytes.to_vec();
        while self.end < bytes.len() {
            self.step(false);
            if self.index - self.base >= 2 * WINDOW - (MIN_MATCH + MAX_MATCH) {
                self.base += WINDOW;
            }
            self.end = bytes.len().min(self.base + 2 * WINDOW);
        }
    }

    fn flush(&mut self) {
        self.step(true);
    }

    fn byte(&self, at: usize) -> u8 {
        self.input.get(at).copied().unwrap_or(0)
    }

    fn hash(&self, at: usize) -> usize {
        let word = (0..4).fold(0_u32, |it, n| (it << 8) | u32::from(self.byte(at + n)));
        (word.wrapping_mul(0x1E35_A7BD) >> (32 - HASH_BITS)) as usize
    }

    /// Notes a position; gives the one before with the same hash, plus one.
    fn note(&mut self, at: usize) -> usize {
        let hash = self.hash(at);
        let Some(head) = self.heads.get_mut(hash) else {
            return 0;
        };
        let before = std::mem::replace(head, at + 1);
        if let Some(it) = self.previous.get_mut(at % WINDOW) {
            *it = before;
        }
        before
    }

    fn step(&mut self, sync: bool) {
        if self.end - self.index < MIN_MATCH + MAX_MATCH && !sync {
            return;
        }
        let insert_end = self.end.saturating_sub(MIN_MATCH - 1);
        loop {
            let ahead = self.end - self.index;
            if ahead < MIN_MATCH + MAX_MATCH {
                if !sync {
                    return;
                }
                if ahead == 0 {
                    if self.byte_available {
                        self.tokens.push(Token::Literal(self.byte(self.index - 1)));
                        self.byte_available = false;
                    }
                    if !self.tokens.is_empty() {
                        self.block(self.index);
                    }
                    return;
                }
            }
            if self.index < insert_end {
                self.chain_head = self.note(self.index);
            }
            let (last_length, last_distance) = (self.length, self.distance);
            self.length = MIN_MATCH - 1;
            self.distance = 0;
            let first = self.index.saturating_sub(WINDOW).max(self.base);
            if self.chain_head > first && ahead > last_length && last_length < LAZY {
                self.search(self.chain_head - 1, ahead);
            }
            if last_length >= MIN_MATCH && self.length <= last_length {
                // The match that began one byte before is not worse.
                self.tokens
                    .push(Token::Match(last_length - 3, last_distance - 1));
                let after = self.index + last_length - 1;
                for at in self.index + 1..after {
                    if at < insert_end {
                        self.note(at);
                    }
                }
                self.index = after.max(self.index + 1);
                self.byte_available = false;
                self.length = MIN_MATCH - 1;
                if self.tokens.len() == MAX_TOKENS {
                    self.block(self.index);
                }
            } else {
                if self.byte_available {
                    self.tokens.push(Token::Literal(self.byte(self.index - 1)));
                    if self.tokens.len() == MAX_TOKENS {
                        self.block(self.index);
                    }
                }
                self.index += 1;
                self.byte_available = true;
            }
        }
    }

    /// Looks for the longest match, back along the chain from a position.
    fn search(&mut self, head: usize, ahead: usize) {
        let look = ahead.min(MAX_MATCH);
        let nice = look.min(NICE);
        let mut tries = CHAIN;
        if self.length >= GOOD {
            tries >>= 2;
        }
        let here = self.index;
        let mut length = self.length;
        let mut at = head;
        while tries > 0 {
            if self.byte(at + length) == self.byte(here + length) {
                let n = (0..look)
                    .take_while(|n| self.byte(at + n) == self.byte(here + n))
                    .count();
                if n > length && (n > MIN_MATCH || here - at <= 4096) {
                    length = n;
                    self.length = n;
                    self.distance = here - at;
                    if n >= nice {
                        return;
                    }
                }
            }
            if at + WINDOW == here {
                return;
            }
            let before = self.previous.get(at % WINDOW).copied().unwrap_or(0);
            if before <= self.base || before - 1 + WINDOW < here {
                return;
            }
            at = before - 1;
            tries -= 1;
        }
    }

    fn block(&mut self, to: usize) {
        // What has left the window cannot be stored as it is.
        let stored = (self.block_start >= self.base)
            .then(|| self.input.get(self.block_start..to))
            .flatten();
        self.block_start = to;
        let tokens = std::mem::take(&mut self.tokens);
        self.bits.block(&tokens, stored);
    }
}

/// The code of a symbol: its bits, the first to be written lowest, and how many.
#[derive(Clone, Copy, Default)]
struct Code {
    bits: u32,
    length: u32,
}

const END: usize = 256;
const LENGTH_BASES: [usize; 29] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128,
    160, 192, 224, 255,
];
const DISTANCE_BASES: [usize; 30] = [
    0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536,
    2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576,
];
/// In which order the lengths of the codes for code lengths are written.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

fn length_extra(code: usize) -> u32 {
    match code {
        0..8 | 28 => 0,
        _ => (code as u32 - 4) / 4,
    }
}

fn distance_extra(code: usize) -> u32 {
    if code < 4 { 0 } else { (code as u32 - 2) / 2 }
}

/// Which code a length or distance falls under, and how far behind its base it is.
fn code_of(bases: &[usize], value: usize) -> (usize, u32) {
    let code = bases.partition_point(|it| *it <= value).saturating_sub(1);
    let base = bases.get(code).copied().unwrap_or(0);
    (code, (value - base) as u32)
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    pending: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.pending |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    fn code(&mut self, codes: &[Code], symbol: usize) {
        let code = codes.get(symbol).copied().unwrap_or_default();
        self.put(code.bits, code.length);
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.out.push(self.pending as u8);
        }
        self.pending = 0;
        self.count = 0;
    }

    fn stored_header(&mut self, length: usize, last: bool) {
        self.put(u32::from(last), 3);
        self.align();
        self.put(length as u32, 16);
        self.put(!(length as u32) & 0xFFFF, 16);
    }

    /// Writes a block in the shortest of the three ways.
    fn block(&mut self, tokens: &[Token], stored: Option<&[u8]>) {
        let mut symbols = vec![0_u32; 286];
        let mut distances = vec![0_u32; 30];
        for token in tokens {
            match token {
                Token::Literal(it) => count(&mut symbols, usize::from(*it)),
                Token::Match(length, distance) => {
                    count(&mut symbols, END + 1 + code_of(&LENGTH_BASES, *length).0);
                    count(&mut distances, code_of(&DISTANCE_BASES, *distance).0);
                }
            }
        }
        count(&mut symbols, END);
        let n_symbols = used(&symbols);
        let n_distances = match used(&distances) {
            0 => {
                // A tree needs at least one code.
                count(&mut distances, 0);
                1
            }
            it => it,
        };
        let symbol_codes = codes(&symbols, 15);
        let distance_codes = codes(&distances, 15);
        let stored = stored.filter(|it| it.len() <= MAX_STORED);
        let mut extra = 0;
        if stored.is_some() {
            let lengths = symbols.iter().skip(END + 1).enumerate();
            let lengths = lengths.map(|(code, n)| n * length_extra(code));
            let far = distances.iter().enumerate();
            extra = lengths
                .chain(far.map(|(code, n)| n * distance_extra(code)))
                .sum::<u32>();
        }
        let (fixed_symbols, fixed_distances) = fixed_codes();
        let fixed_size =
            3 + size(&fixed_symbols, &symbols) + size(&fixed_distances, &distances) + extra;
        let lengths: Vec<u32> = symbol_codes
            .iter()
            .take(n_symbols)
            .chain(distance_codes.iter().take(n_distances))
            .map(|it| it.length)
            .collect();
        let runs = runs(&lengths);
        let mut run_counts = vec![0_u32; 19];
        for (symbol, _) in &runs {
            count(&mut run_counts, *symbol);
        }
        let run_codes = codes(&run_counts, 7);
        let n_runs = ORDER
            .iter()
            .rposition(|it| run_counts.get(*it).is_some_and(|n| *n > 0))
            .map_or(4, |at| (at + 1).max(4));
        let of = |symbol: usize| run_counts.get(symbol).copied().unwrap_or(0);
        let header = 3
            + 5
            + 5
            + 4
            + 3 * n_runs as u32
            + size(&run_codes, &run_counts)
            + of(16) * 2
            + of(17) * 3
            + of(18) * 7;
        let dynamic_size =
            header + size(&symbol_codes, &symbols) + size(&distance_codes, &distances) + extra;
        if let Some(bytes) = stored
            && (bytes.len() as u32 + 5) * 8 < fixed_size.min(dynamic_size)
        {
            self.stored_header(bytes.len(), false);
            self.out.extend_from_slice(bytes);
            return;
        }
        if dynamic_size < fixed_size {
            self.put(4, 3);
            self.put(n_symbols as u32 - 257, 5);
            self.put(n_distances as u32 - 1, 5);
            self.put(n_runs as u32 - 4, 4);
            for symbol in ORDER.iter().take(n_runs) {
                self.put(run_codes.get(*symbol).map_or(0, |it| it.length), 3);
            }
            for (symbol, more) in runs {
                self.code(&run_codes, symbol);
                match symbol {
                    16 => self.put(more, 2),
                    17 => self.put(more, 3),
                    18 => self.put(more, 7),
                    _ => {}
                }
            }
            self.tokens(tokens, &symbol_codes, &distance_codes);
        } else {
            self.put(2, 3);
            self.tokens(tokens, &fixed_symbols, &fixed_distances);
        }
    }

    fn tokens(&mut self, tokens: &[Token], symbols: &[Code], distances: &[Code]) {
        for token in tokens {
            match token {
                Token::Literal(it) => self.code(symbols, usize::from(*it)),
                Token::Match(length, distance) => {
                    let (code, more) = code_of(&LENGTH_BASES, *length);
                    self.code(symbols, END + 1 + code);
                    self.put(more, length_extra(code));
                    let (code, more) = code_of(&DISTANCE_BASES, *distance);
                    self.code(distances, code);
                    self.put(more, distance_extra(code));
                }
            }
        }
        self.code(symbols, END);
    }
}

fn count(counts: &mut [u32], symbol: usize) {
    if let Some(it) = counts.get_mut(symbol) {
        *it += 1;
    }
}

/// How many symbols there are up to the last that is used.
fn used(counts: &[u32]) -> usize {
    counts.iter().rposition(|it| *it > 0).map_or(0, |at| at + 1)
}

/// How many bits the symbols take.
fn size(codes: &[Code], counts: &[u32]) -> u32 {
    codes
        .iter()
        .zip(counts)
        .map(|(code, n)| code.length * n)
        .sum()
}

fn code(bits: u32, length: u32) -> Code {
    Code {
        bits: bits.reverse_bits() >> (32 - length),
        length,
    }
}

fn fixed_codes() -> (Vec<Code>, Vec<Code>) {
    let symbols = (0..286_u32).map(|it| match it {
        0..144 => code(it + 0x30, 8),
        144..256 => code(it - 144 + 0x190, 9),
        256..280 => code(it - 256, 7),
        _ => code(it - 280 + 0xC0, 8),
    });
    (symbols.collect(), (0..30).map(|it| code(it, 5)).collect())
}

/// Code lengths with repetitions written short: the symbol, and the number after it where there is one.
fn runs(lengths: &[u32]) -> Vec<(usize, u32)> {
    let mut res = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let length = run.first().copied().unwrap_or(0);
        let mut left = run.len() as u32;
        if length == 0 {
            while left >= 11 {
                let n = left.min(138);
                res.push((18, n - 11));
                left -= n;
            }
            if left >= 3 {
                res.push((17, left - 3));
                left = 0;
            }
        } else {
            res.push((length as usize, 0));
            left -= 1;
            while left >= 3 {
                let n = left.min(6);
                res.push((16, n - 3));
                left -= n;
            }
        }
        res.extend((0..left).map(|_| (length as usize, 0)));
    }
    res
}

/// Codes for symbols by how often they occur, of a number of bits at most.
fn codes(counts: &[u32], max_bits: usize) -> Vec<Code> {
    let mut res = vec![Code::default(); counts.len()];
    let mut list: Vec<(u32, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(_, n)| **n > 0)
        .map(|(symbol, n)| (*n, symbol))
        .collect();
    if list.len() <= 2 {
        for (at, (_, symbol)) in list.iter().enumerate() {
            if let Some(it) = res.get_mut(*symbol) {
                *it = code(at as u32, 1);
            }
        }
        return res;
    }
    list.sort_unstable();
    let frequencies: Vec<u32> = list.iter().map(|it| it.0).collect();
    let mut next = 0;
    let mut rest = list.as_mut_slice();
    for (bits, n) in bit_counts(&frequencies, max_bits).into_iter().enumerate() {
        next <<= 1;
        if bits == 0 || n == 0 {
            continue;
        }
        let (before, chunk) = rest.split_at_mut(rest.len().saturating_sub(n));
        chunk.sort_unstable_by_key(|it| it.1);
        for (_, symbol) in chunk {
            if let Some(it) = res.get_mut(*symbol) {
                *it = code(next, bits as u32);
            }
            next += 1;
        }
        rest = before;
    }
    res
}

/// A level of the boundary package-merge algorithm.
#[derive(Clone, Copy, Default)]
struct Level {
    last: u32,
    next_leaf: u32,
    next_pair: u32,
    needed: usize,
}

/// How many symbols get a code of each length, for frequencies in ascending order.
fn bit_counts(frequencies: &[u32], max_bits: usize) -> Vec<usize> {
    const NEVER: u32 = i32::MAX as u32;
    const LIMIT: usize = 17;
    let n = frequencies.len();
    let frequency = |at: usize| frequencies.get(at).copied().unwrap_or(NEVER);
    let max_bits = max_bits.min(n - 1).min(LIMIT - 2);
    let mut levels = [Level::default(); LIMIT];
    // How many leaves are left of the ancestors of the rightmost node of a level, by level of the ancestor.
    let mut leaves = [[0_usize; LIMIT]; LIMIT];
    for at in 1..=max_bits {
        levels[at] = Level {
            last: frequency(1),
            next_leaf: frequency(2),
            next_pair: if at == 1 {
                NEVER
            } else {
                frequency(0) + frequency(1)
            },
            needed: 0,
        };
        leaves[at][at] = 2;
    }
    levels[max_bits].needed = 2 * n - 4;
    let mut at = max_bits;
    while at <= max_bits {
        let level = levels[at];
        if level.next_pair == NEVER && level.next_leaf == NEVER {
            levels[at].needed = 0;
            levels[at + 1].next_pair = NEVER;
            at += 1;
            continue;
        }
        if level.next_leaf < level.next_pair {
            let count = leaves[at][at] + 1;
            levels[at].last = level.next_leaf;
            leaves[at][at] = count;
            levels[at].next_leaf = frequency(count);
        } else {
            levels[at].last = level.next_pair;
            let (lower, here) = leaves.split_at_mut(at);
            here[0][..at].copy_from_slice(&lower[at - 1][..at]);
            levels[at - 1].needed = 2;
        }
        levels[at].needed -= 1;
        if levels[at].needed == 0 {
            if at == max_bits {
                break;
            }
            levels[at + 1].next_pair = level.last.saturating_add(levels[at].last).min(NEVER);
            at += 1;
        } else {
            while levels[at - 1].needed > 0 {
                at -= 1;
            }
        }
    }
    let counts = leaves[max_bits];
    let mut res = vec![0];
    for at in (1..=max_bits).rev() {
        res.push(counts[at] - counts[at - 1]);
    }
    res
}

fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut crc = at as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 {
                    (crc >> 1) ^ 0xEDB8_8320
                } else {
                    crc >> 1
                };
                bit += 1;
            }
            table[at] = crc;
            at += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, it| {
        (crc >> 8) ^ TABLE[((crc ^ u32::from(*it)) & 0xFF) as usize]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_those_of_go() {
        let recorded = include_str!("../../../../testdata/functions/gzip.json");
        let cases: Vec<(String, String)> = serde_json::from_str(recorded).unwrap();
        let wrong: Vec<usize> = cases
            .iter()
            .enumerate()
            .filter(|(_, (text, expected))| {
                super::super::encoding::base64(&gzip(text.as_bytes())) != *expected
            })
            .map(|(at, _)| at)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?} of {}", cases.len());
    }
}
