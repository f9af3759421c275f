//! What frames every page: whose it is, and where its style sheets are.

use super::assets::asset_url;
use super::brand;
use crate::config::{Brand, Config};

/// The frame of a page.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// The product's name.
    pub(crate) brand: String,
    /// Its first letter, for the mark beside it.
    pub(crate) initial: String,
    /// Where our own endpoints live.
    pub(crate) base: String,
    /// Address of the style sheet.
    pub(crate) style: String,
    /// Address of the sheet with the brand's colour, where it has one.
    pub(crate) brand_style: Option<String>,
    /// Address of the icon.
    pub(crate) icon: String,
    /// Address of the terms of use.
    pub(crate) terms_url: Option<String>,
    /// Address of the privacy statement.
    pub(crate) privacy_url: Option<String>,
}

impl Shell {
    /// The frame that a deployment's configuration asks for.
    pub(crate) fn of(config: &Config) -> Self {
        Self::new(&config.pages.brand, &config.base_path)
    }

    /// The frame for `brand`, with our own endpoints under `base`.
    pub(crate) fn new(brand: &Brand, base: &str) -> Self {
        Self {
            brand: brand.name.clone(),
            initial: brand
                .name
                .chars()
                .next()
                .map(|first| first.to_uppercase().to_string())
                .unwrap_or_default(),
            base: base.to_owned(),
            style: asset_url(base, "app.css"),
            brand_style: brand::stylesheet_url(brand, base),
            icon: asset_url(base, "icon.svg"),
            terms_url: brand.terms_url.clone(),
            privacy_url: brand.privacy_url.clone(),
        }
    }

    /// Whether there is anything to put under the page.
    pub(crate) fn has_links(&self) -> bool {
        self.terms_url.is_some() || self.privacy_url.is_some()
    }
}
