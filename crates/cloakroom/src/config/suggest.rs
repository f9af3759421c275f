//! "Did you mean": the known word that a mistyped one is closest to.

/// The closest of `known`, if it is close enough to be meant.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let nearest = known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .min()?;
    let (distance, candidate) = nearest;
    (distance <= 1 + candidate.len() / 4).then_some(candidate)
}

/// How many letters have to be put in, taken out or exchanged (Levenshtein's distance).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (before, letter) in from.chars().enumerate() {
        let mut diagonal = before;
        let mut left = before + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(to.chars()) {
            let exchanged = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = exchanged.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_its_neighbour() {
        assert_eq!(
            closest("publik_url", ["public_url", "listen"]),
            Some("public_url")
        );
        assert_eq!(closest("acess", ["access", "csrf"]), Some("access"));
    }

    #[test]
    fn a_word_that_is_like_none_finds_none() {
        assert_eq!(closest("colour", ["public_url", "listen"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
