//! A brand's own colour as a style sheet of its own: the policy of the pages allows no inline style.
//!
//! Whatever the colour, text stays readable: what is written on it, and what is written in it, keeps the
//! contrast of 4.5 : 1 (WCAG 2.2, 1.4.3), by choosing black or white and by mixing it darker or lighter.

use crate::config::Brand;

/// The contrast that text needs.
const READABLE: f64 = 4.5;

/// The surfaces of `app.css` that are hardest to stand out from: light mode's darkest, dark mode's lightest.
const LIGHT_SURFACE: Colour = Colour([0xf3, 0xf4, 0xf2]);
const DARK_SURFACE: Colour = Colour([0x23, 0x29, 0x2c]);

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);

/// The sheet for this brand; `None` where it has no colour of its own, or one that is not `#rrggbb`.
pub(crate) fn stylesheet(brand: &Brand) -> Option<String> {
    let accent = Colour::parse(brand.accent.as_deref()?)?;
    let light = accent.readable_on(LIGHT_SURFACE, BLACK);
    let dark = accent.readable_on(DARK_SURFACE, WHITE);
    Some(format!(
        ":root {{ --accent: {accent}; --on-accent: {on_accent}; --accent-ink: {ink}; }}\n\
         @media (prefers-color-scheme: dark) {{\n  \
         :root {{ --accent: {dark_accent}; --on-accent: {on_dark}; --accent-ink: {dark_accent}; }}\n}}\n",
        accent = accent.css(),
        on_accent = accent.text_on_it().css(),
        ink = light.css(),
        dark_accent = dark.css(),
        on_dark = dark.text_on_it().css(),
    ))
}

/// Its address, which changes with the colour.
pub(super) fn stylesheet_url(brand: &Brand, base: &str) -> Option<String> {
    let accent = Colour::parse(brand.accent.as_deref()?)?;
    let [r, g, b] = accent.0;
    Some(format!("{base}/assets/brand.css?v={r:02x}{g:02x}{b:02x}"))
}

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour([u8; 3]);

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        cloakroom_core::hex::decode::<3>(&digits.to_ascii_lowercase()).map(Self)
    }

    fn css(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Black or white, whichever reads better on this colour. One of the two always reaches 4.5 : 1.
    fn text_on_it(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) {
            WHITE
        } else {
            BLACK
        }
    }

    /// This colour, mixed with `towards` in twentieths until it can be read on `surface`.
    fn readable_on(self, surface: Self, towards: Self) -> Self {
        (0..=20u16)
            .map(|part| self.mix(towards, part))
            .find(|colour| colour.contrast(surface) >= READABLE)
            .unwrap_or(towards)
    }

    fn mix(self, other: Self, twentieths: u16) -> Self {
        let mut mixed = self.0;
        for (own, theirs) in mixed.iter_mut().zip(other.0) {
            let sum = u16::from(*own) * (20 - twentieths) + u16::from(theirs) * twentieths;
            *own = u8::try_from(sum / 20).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Relative luminance (WCAG 2.2, definitions).
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(accent: Option<&str>) -> Brand {
        Brand {
            name: "Acme".into(),
            accent: accent.map(str::to_owned),
            terms_url: None,
            privacy_url: None,
        }
    }

    #[test]
    fn black_on_white_has_the_highest_contrast_there_is() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.01);
    }

    #[test]
    fn every_accent_gives_readable_text_in_both_modes() {
        for accent in [
            "#ffff00", "#ff0000", "#0000ff", "#777777", "#000000", "#ffffff", "#2f5d50",
        ] {
            let colour = Colour::parse(accent).unwrap();
            assert!(colour.contrast(colour.text_on_it()) >= READABLE, "{accent}");
            let light = colour.readable_on(LIGHT_SURFACE, BLACK);
            assert!(light.contrast(LIGHT_SURFACE) >= READABLE && light.contrast(WHITE) >= READABLE);
            let dark = colour.readable_on(DARK_SURFACE, WHITE);
            assert!(dark.contrast(DARK_SURFACE) >= READABLE, "{accent}");
            assert!(dark.contrast(dark.text_on_it()) >= READABLE, "{accent}");
        }
    }

    #[test]
    fn a_colour_that_suits_stays_as_it_is() {
        let sheet = stylesheet(&brand(Some("#2F5D50"))).unwrap();
        assert!(sheet.starts_with(
            ":root { --accent: #2f5d50; --on-accent: #ffffff; --accent-ink: #2f5d50; }"
        ));
    }

    #[test]
    fn what_is_no_colour_gives_no_sheet() {
        for accent in [
            None,
            Some("red"),
            Some("#12345"),
            Some("#12345g"),
            Some("#fff;}body{display:none"),
        ] {
            assert_eq!(stylesheet(&brand(accent)), None);
            assert_eq!(stylesheet_url(&brand(accent), "/auth"), None);
        }
    }
}
