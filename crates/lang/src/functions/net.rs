//! Functions of IP networks.

use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;
use value::function::{Call, CallError, Function, number, text};
use value::{Type, Value};

use super::{strings, whole_of};

pub(super) fn rows() -> Vec<Function> {
    vec![
        Function::new(
            "cidrhost",
            "Gives the address of a host by its number in a network.",
        )
        .takes([text("prefix"), number("hostnum")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let network = network(call.text(0)).map_err(CallError::new)?;
            let host = integer(call, 1, "the host number")?;
            Ok(network.host(host).map_err(CallError::new)?.into())
        })
        .example(r#"cidrhost("10.12.112.0/20", 16)"#, r#""10.12.112.16""#),
        Function::new("cidrnetmask", "Gives the netmask of an IPv4 network.")
            .takes([text("prefix")])
            .gives(Type::String)
            .not_null()
            .body(|call| {
                let network = network(call.text(0)).map_err(CallError::new)?;
                if network.bits != 32 && !network.is_mapped() {
                    return Err(CallError::new("networks of IPv6 have no netmask"));
                }
                Ok(Network {
                    address: mask(network.length, network.bits),
                    ..network
                }
                .address()
                .into())
            })
            .example(r#"cidrnetmask("172.16.0.0/12")"#, r#""255.240.0.0""#),
        Function::new(
            "cidrsubnet",
            "Gives the subnet with a number inside a network.",
        )
        .takes([text("prefix"), number("newbits"), number("netnum")])
        .gives(Type::String)
        .not_null()
        .body(|call| {
            let network = network(call.text(0)).map_err(CallError::new)?;
            let bits = whole_of(&call.arg(1), "newbits").map_err(CallError::new)?;
            let number = integer(call, 2, "netnum")?;
            Ok(network.subnet(bits, number).map_err(CallError::new)?.into())
        })
        .example(r#"cidrsubnet("172.16.0.0/12", 4, 2)"#, r#""172.18.0.0/16""#),
        Function::new(
            "cidrsubnets",
            "Gives consecutive subnets of a network, by how many bits they extend its prefix.",
        )
        .takes([text("prefix")])
        .takes_more(number("newbits"))
        .gives(Type::list(Type::String))
        .not_null()
        .body(subnets)
        .example(
            r#"cidrsubnets("10.1.0.0/16", 4, 8)"#,
            "tolist([\n  \"10.1.0.0/20\",\n  \"10.1.16.0/24\",\n])",
        ),
    ]
}

#[derive(Clone, Copy)]
struct Network {
    /// The first address, as a number.
    address: u128,
    /// How many bits the prefix has.
    length: u32,
    /// How many bits an address has.
    bits: u32,
}

fn network(text: &str) -> Result<Network, String> {
    parse(text)
        .ok_or_else(|| "the prefix must be an address and a length, such as 10.0.0.0/8".to_owned())
}

fn parse(text: &str) -> Option<Network> {
    let (address, length) = text.split_once('/')?;
    if length.is_empty() || length.len() > 8 || !length.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let length: u32 = length.parse().ok()?;
    let (address, bits) = match address.find([':', '.'])? {
        at if address.as_bytes().get(at) == Some(&b'.') => (u128::from(ipv4(address)?), 32),
        _ => (ipv6(address)?, 128),
    };
    if length > bits {
        return None;
    }
    Some(Network {
        address: address & mask(length, bits),
        length,
        bits,
    })
}

/// Four numbers, which may begin with zeros.
fn ipv4(text: &str) -> Option<u32> {
    let mut parts = text.split('.');
    let mut res = 0_u32;
    for _ in 0..4 {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let part = part.trim_start_matches('0');
        let value: u32 = if part.is_empty() {
            0
        } else {
            part.parse().ok()?
        };
        if value > 255 {
            return None;
        }
        res = (res << 8) | value;
    }
    parts.next().is_none().then_some(res)
}

fn ipv6(text: &str) -> Option<u128> {
    // The last part may be an IPv4 address, of which only this reader takes leading zeros.
    let text = match text.rsplit_once(':') {
        Some((head, tail)) if tail.contains('.') => {
            let tail = ipv4(tail)?;
            format!("{head}:{:x}:{:x}", tail >> 16, tail & 0xFFFF)
        }
        _ => text.to_owned(),
    };
    text.parse::<Ipv6Addr>().ok().map(u128::from)
}

/// The bits of a prefix.
fn mask(length: u32, bits: u32) -> u128 {
    let host = bits - length.min(bits);
    let all = low(bits);
    all & !low(host)
}

/// So many ones.
fn low(bits: u32) -> u128 {
    if bits >= 128 {
        u128::MAX
    } else {
        (1 << bits) - 1
    }
}

fn integer(call: &Call<'_>, at: usize, what: &str) -> Result<BigInt, CallError> {
    call.number(at)
        .to_bigint()
        .filter(|it| it.bits() <= 4096)
        .ok_or_else(|| {
            CallError::new(format!(
                "{what} must be a whole number that is not too large"
            ))
        })
}

impl Network {
    fn address(&self) -> String {
        if self.bits == 32 {
            return Ipv4Addr::from(self.address as u32).to_string();
        }
        address_text(self.address)
    }

    fn prefix(&self) -> String {
        // What is written as an IPv4 address has a prefix of such addresses.
        let length = if self.is_mapped() {
            self.length.saturating_sub(96)
        } else {
            self.length
        };
        format!("{}/{length}", self.address())
    }

    /// An IPv6 address that holds one of IPv4: the reference then counts the bits of that.
    fn is_mapped(&self) -> bool {
        self.bits == 128 && self.address >> 32 == 0xFFFF
    }

    fn host(&self, number: BigInt) -> Result<String, String> {
        let max = (BigInt::from(1) << (self.bits - self.length)) - 1;
        let shown = number.clone();
        let too_large = || {
            format!(
                "a prefix of {} bits has no host with the number {shown}",
                self.length
            )
        };
        let (checked, number) = if number.sign() == num_bigint::Sign::Minus {
            let back: BigInt = -number - 1;
            (back.clone(), &max - back)
        } else {
            // The reference looks at the lowest 64 bits of the number only.
            let low = number.iter_u64_digits().next().unwrap_or(0) as i64;
            (BigInt::from(low), number)
        };
        if checked > max {
            return Err(too_large());
        }
        let bits = if self.bits == 32 || self.is_mapped() {
            32
        } else {
            128
        };
        let address = self.insert(number, bits).ok_or_else(too_large)?;
        Ok(Network { address, ..*self }.address())
    }

    fn subnet(&self, newbits: i64, number: BigInt) -> Result<String, String> {
        let length = i64::from(self.length).saturating_add(newbits);
        let length = u32::try_from(length)
            .ok()
            .filter(|it| *it <= self.bits)
            .ok_or_else(|| {
                format!(
                    "a prefix of {} bits cannot be extended by {newbits} to more than {}",
                    self.length, self.bits
                )
            })?;
        let max = match newbits {
            0..64 => (1_u64 << newbits) - 1,
            _ => u64::MAX,
        };
        let too_large = || format!("{newbits} more bits cannot hold the number {number}");
        if number.iter_u64_digits().next().unwrap_or(0) > max {
            return Err(too_large());
        }
        let address = self.insert(number.clone(), length).ok_or_else(too_large)?;
        Ok(Network {
            address,
            length,
            ..*self
        }
        .prefix())
    }

    /// The address with a number in the bits that end where a prefix of this length ends.
    fn insert(&self, number: BigInt, length: u32) -> Option<u128> {
        let res = BigInt::from(self.address) | (number << (self.bits - length));
        let (_, digits) = res.to_bytes_be();
        if digits.len() > self.bits as usize / 8 {
            return None;
        }
        Some(
            digits
                .iter()
                .fold(0, |res, it| (res << 8) | u128::from(*it)),
        )
    }
}

/// An IPv6 address; one that holds an IPv4 address is written as that.
fn address_text(address: u128) -> String {
    if address >> 32 == 0xFFFF {
        return Ipv4Addr::from(address as u32).to_string();
    }
    // Only the longest run of zeros is left out, and the rest never in dots.
    let groups: Vec<u16> = Ipv6Addr::from(address).segments().to_vec();
    let mut best = (0, 0);
    let mut at = 0;
    while at < groups.len() {
        let run = groups.iter().skip(at).take_while(|it| **it == 0).count();
        if run > best.1 && run > 1 {
            best = (at, run);
        }
        at += run.max(1);
    }
    let text = |groups: &[u16]| {
        let texts: Vec<String> = groups.iter().map(|it| format!("{it:x}")).collect();
        texts.join(":")
    };
    if best.1 == 0 {
        return text(&groups);
    }
    let (head, rest) = groups.split_at(best.0);
    let tail = rest.get(best.1..).unwrap_or(&[]);
    format!("{}::{}", text(head), text(tail))
}

fn subnets(call: &Call<'_>) -> Result<Value, CallError> {
    let network = network(call.text(0)).map_err(|it| CallError::at(0, it))?;
    let mut res = Vec::new();
    let all = low(network.bits);
    // The last address in use; before the first there is the one before the network.
    let mut last = network.address.wrapping_sub(1) & all;
    for at in 1..call.count() {
        let bad = |reason: String| CallError::at(at, reason);
        let bits = whole_of(&call.arg(at), "it").map_err(bad)?;
        if bits < 1 {
            return Err(bad("it must be 1 at least".to_owned()));
        }
        if bits > 32 {
            return Err(bad("it must be 32 at most".to_owned()));
        }
        let length = network.length + bits as u32;
        if length > network.bits {
            return Err(bad(format!(
                "the prefix would have {length} bits, and an address has {}",
                network.bits
            )));
        }
        if network.is_mapped() {
            return Err(bad(
                "the network is one of IPv6 that holds addresses of IPv4, which cannot be divided; write its prefix as one of IPv4".to_owned(),
            ));
        }
        let hosts = low(network.bits - length);
        let start = (last | hosts).wrapping_add(1) & all;
        if start == 0 || start & mask(network.length, network.bits) != network.address {
            return Err(bad(format!(
                "there is no room left in the network for a prefix of {length} bits"
            )));
        }
        last = start | hosts;
        res.push(
            Network {
                address: start,
                length,
                ..network
            }
            .prefix(),
        );
    }
    Ok(strings(res))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, expected: &str| {
            assert_eq!(network(text).unwrap().prefix(), expected);
        };
        check("010.0.0.9/8", "10.0.0.0/8");
        check("fd00:fd12:3456:7890:00a2::/72", "fd00:fd12:3456:7890::/72");
        check("2001:db8:0:1::1/128", "2001:db8:0:1::1/128");
        check("::/0", "::/0");
        check("1:0:2::/64", "1:0:2::/64");
        for text in [
            "",
            "10.0.0/24",
            "10.0.0.0",
            "10.0.0.0/33",
            "256.0.0.0/8",
            "::/129",
            "1.2.3.4/",
            "é/8",
            "1.2.3.4/+8",
        ] {
            assert!(network(text).is_err(), "{text}");
        }
    }

    #[test]
    fn mapped_addresses() {
        let mapped = network("::ffff:1.2.3.4/120").unwrap();
        assert_eq!(mapped.prefix(), "1.2.3.0/24");
        assert_eq!(mapped.subnet(2, 1.into()).as_deref(), Ok("1.2.3.64/26"));
        assert!(!network("::ffff:1.2.3.4/24").unwrap().is_mapped());
    }

    #[test]
    fn numbers_beyond_the_network() {
        let host = |text: &str, number: i64| network(text).unwrap().host(number.into());
        assert_eq!(host("10.0.0.0/24", -256).as_deref(), Ok("10.0.0.0"));
        assert!(host("10.0.0.0/24", -257).is_err());
        assert!(host("10.0.0.0/24", 256).is_err());
        assert_eq!(
            host("::ffff:1.2.3.4/112", 3).as_deref(),
            Ok("0:3::ffff:102:0")
        );
        let subnet = network("10.1.2.0/24").unwrap().subnet(4, (-1).into());
        assert_eq!(subnet.as_deref(), Ok("0.0.0.16/28"));
    }
}
