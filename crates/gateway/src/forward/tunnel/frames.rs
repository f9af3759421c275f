//! Follows WebSocket frame headers (RFC 6455 §5.2), to know where one frame ends and the next begins.

/// Where a stream of frames stands; at first before the first one.
#[derive(Default)]
pub(super) struct Frames {
    /// The bytes of a header that is not complete yet.
    header: Vec<u8>,
    /// Bytes of the frame's payload still to come.
    left: u64,
}

impl Frames {
    /// Whether the stream stands between two frames.
    pub(super) fn at_boundary(&self) -> bool {
        self.left == 0 && self.header.is_empty()
    }

    /// Takes note of the bytes that come next.
    pub(super) fn advance(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let take = usize::try_from(self.left)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                self.left -= take as u64;
                bytes = bytes.get(take..).unwrap_or_default();
                continue;
            }
            let Some((&byte, rest)) = bytes.split_first() else {
                return;
            };
            self.header.push(byte);
            bytes = rest;
            if let Some(length) = payload_length(&self.header) {
                self.left = length;
                self.header.clear();
            }
        }
    }
}

/// The length of the payload, once the header is complete, mask included.
fn payload_length(header: &[u8]) -> Option<u64> {
    let second = *header.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (extended, short) = match second & 0x7f {
        126 => (2, None),
        127 => (8, None),
        length => (0, Some(u64::from(length))),
    };
    if header.len() < 2 + extended + mask {
        return None;
    }
    short.or_else(|| {
        let digits = header.get(2..2 + extended)?;
        Some(
            digits
                .iter()
                .fold(0, |length, &byte| length << 8 | u64::from(byte)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize, masked: bool) -> Vec<u8> {
        let mask = if masked { 0x80 } else { 0 };
        let mut frame = vec![0x82];
        match length {
            0..126 => frame.push(mask | u8::try_from(length).unwrap()),
            126..65536 => {
                frame.push(mask | 0x7e);
                frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(mask | 0x7f);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        frame.resize(frame.len() + length + if masked { 4 } else { 0 }, 0xff);
        frame
    }

    #[test]
    fn boundaries_are_found_however_the_stream_is_cut() {
        let lengths = [0, 1, 125, 126, 200, 65535, 65536];
        let frames = lengths
            .iter()
            .flat_map(|&length| [frame(length, false), frame(length, true)]);
        let frames: Vec<_> = frames.collect();
        let stream: Vec<u8> = frames.concat();
        let mut ends: Vec<usize> = Vec::new();
        for frame in &frames {
            ends.push(ends.last().copied().unwrap_or(0) + frame.len());
        }
        let mut follower = Frames::default();
        for (index, byte) in stream.iter().enumerate() {
            follower.advance(&[*byte]);
            assert_eq!(
                follower.at_boundary(),
                ends.contains(&(index + 1)),
                "after byte {index}"
            );
        }
        for step in [2, 7, 1000, stream.len()] {
            let mut follower = Frames::default();
            stream
                .chunks(step)
                .for_each(|chunk| follower.advance(chunk));
            assert!(follower.at_boundary());
        }
    }
}
