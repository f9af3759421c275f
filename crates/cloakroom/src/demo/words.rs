//! A password that can be typed: four short words, new at each start.

use cloakroom_core::ports::{Entropy, random};
use cloakroom_core::secret::SecretString;

/// 128 words, so that seven bits choose one. Four of them are 28 bits: enough for a demo on loopback that lets nobody
/// guess more than ten times in a quarter of an hour.
const WORDS: [&str; 128] = [
    "acorn", "amber", "anvil", "apple", "arrow", "aspen", "badge", "bagel", "basil", "beach",
    "berry", "birch", "bison", "blaze", "bloom", "brick", "brook", "brush", "cabin", "camel",
    "candy", "canoe", "cedar", "chalk", "cider", "cliff", "cloud", "clove", "coral", "crane",
    "crate", "creek", "daisy", "delta", "drift", "eagle", "easel", "ember", "fable", "fern",
    "finch", "flame", "flint", "flute", "frost", "gecko", "ginger", "glade", "globe", "grape",
    "grove", "hazel", "heron", "hinge", "honey", "igloo", "inlet", "ivory", "jelly", "jewel",
    "juice", "kayak", "kiosk", "koala", "latch", "lemon", "lilac", "llama", "lotus", "lunar",
    "mango", "maple", "marsh", "melon", "mocha", "moose", "mossy", "nacho", "ocean", "olive",
    "onion", "orbit", "otter", "panda", "paper", "peach", "pearl", "pecan", "petal", "piano",
    "pilot", "plaza", "plum", "polar", "poppy", "quail", "quartz", "quill", "radio", "raven",
    "reef", "ridge", "river", "robin", "saddle", "salsa", "scout", "shell", "sloop", "spark",
    "spice", "spoon", "stone", "sugar", "swift", "table", "thyme", "tiger", "torch", "trail",
    "tulip", "velvet", "violet", "walnut", "willow", "yacht", "zebra", "zinnia",
];

pub(super) fn password(entropy: &dyn Entropy) -> SecretString {
    let drawn: [u8; 4] = random(entropy);
    let words = drawn.map(|byte| {
        WORDS
            .get(usize::from(byte & 127))
            .copied()
            .unwrap_or_default()
    });
    SecretString::from(words.join("-"))
}
