//! The door's part of the OpenAPI document, gathered from what stands beside each handler.

use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{entering, files, live, messages, rooms};
use titan_door::patterns;

/// The door's part of the document.
pub fn document() -> Document {
    let mut document = Papers::openapi();
    patterns::named_plainly(&mut document, "FileForm");
    document
}

#[derive(OpenApi)]
#[openapi(
    paths(
        entering::register,
        entering::login,
        entering::me,
        rooms::list,
        rooms::create,
        rooms::join,
        messages::latest,
        messages::post,
        files::upload,
        files::download,
        live::enter,
    ),
    tags((name = "channels", description = "The channels server's API, as FastAPI gives it")),
    modifiers(&Tokens)
)]
struct Papers;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The access_token of POST /auth/login; a session_id of another door does as well"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("jwt", SecurityScheme::Http(scheme.build()));
    }
}
