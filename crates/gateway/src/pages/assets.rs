//! The style sheet and the icon, embedded in the binary under addresses that carry their content's hash.

use std::borrow::Cow;

use cloakroom_core::hex;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// One embedded file.
pub(crate) struct Asset {
    /// Its content.
    pub(crate) content: Cow<'static, [u8]>,
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// The start of its hash, as it stands in its address.
    pub(crate) fingerprint: String,
}

/// The embedded file of this name.
pub(crate) fn asset(name: &str) -> Option<Asset> {
    let media_type = match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let file = Files::get(name)?;
    Some(Asset {
        fingerprint: fingerprint(&file),
        content: file.data,
        media_type,
    })
}

/// The address of an embedded file: a changed file has a changed address, so that it can be kept for ever.
pub(super) fn asset_url(base: &str, name: &str) -> String {
    let version = Files::get(name)
        .map(|file| fingerprint(&file))
        .unwrap_or_default();
    format!("{base}/assets/{name}?v={version}")
}

fn fingerprint(file: &EmbeddedFile) -> String {
    let digest = file.metadata.sha256_hash();
    hex::encode(digest.first_chunk::<8>().unwrap_or(&[0; 8]))
}
