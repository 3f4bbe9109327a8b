//! Compression as Go's `compress/gzip` does it: the same bytes for the same text.

/// A gzip stream of the bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut res = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    let mut bits = Bits::default();
    bits.put(2, 3);
    for it in bytes {
        match it {
            0..144 => bits.huffman(0x30 + u32::from(*it), 8),
            _ => bits.huffman(0x190 + u32::from(*it) - 144, 9),
        }
    }
    bits.huffman(0, 7);
    // A flush: an empty stored block. Then the end: another one, marked as the last.
    bits.put(0, 3);
    bits.align();
    bits.out.extend([0, 0, 0xFF, 0xFF]);
    bits.put(1, 3);
    bits.align();
    bits.out.extend([0, 0, 0xFF, 0xFF]);
    res.extend(bits.out);
    res.extend(crc32(bytes).to_le_bytes());
    res.extend((bytes.len() as u32).to_le_bytes());
    res
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

    fn huffman(&mut self, code: u32, count: u32) {
        self.put(code.reverse_bits() >> (32 - count), count);
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.out.push(self.pending as u8);
        }
        self.pending = 0;
        self.count = 0;
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for it in bytes {
        crc ^= u32::from(*it);
        for _ in 0..8 {
            let low = crc & 1;
            crc >>= 1;
            if low == 1 {
                crc ^= 0xEDB8_8320;
            }
        }
    }
    !crc
}
