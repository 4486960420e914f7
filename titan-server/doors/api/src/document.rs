//! The door's part of the OpenAPI document, gathered from what stands beside each handler.

use utoipa::Number;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi};

use super::{download, entering, export, multipart, repository, tus};
use titan_door::{Sizes, patterns};

/// The door's part of the document, with the limits that this house has.
pub fn document(sizes: Sizes) -> Document {
    let mut document = Papers::openapi();
    let create = document.paths.paths.get_mut("/api/uploads").and_then(|item| item.post.as_mut());
    for parameter in create.into_iter().flat_map(|create| create.parameters.iter_mut().flatten()) {
        let RefOr::T(parameter) = parameter else { continue };
        if let ("Upload-Length", Some(RefOr::T(Schema::Object(schema)))) =
            (parameter.name.as_str(), &mut parameter.schema)
        {
            schema.maximum = Some(Number::UInt(usize::try_from(sizes.upload).unwrap_or(usize::MAX)));
        }
    }
    patterns::named_plainly(&mut document, "AppForm");
    document
}

#[derive(OpenApi)]
#[openapi(
    paths(
        entering::login,
        entering::logout,
        multipart::upload,
        repository::all,
        repository::of_category,
        repository::search,
        repository::stats,
        repository::one,
        repository::pending,
        repository::approve,
        repository::reject,
        repository::delete,
        export::export,
        download::app,
        download::app_head,
        download::file,
        download::file_head,
        download::link,
        download::linked,
        tus::discover,
        tus::create,
        tus::discover_one,
        tus::stand,
        tus::patch,
        tus::terminate,
        tus::overridden,
    ),
    tags(
        (name = "titan-net", description = "The Titan-Net server's API: apps from upload over approval to everybody"),
        (name = "transfers", description = "Files of conversations, and uploads that go on after a break (tus 1.0.0)"),
    ),
    modifiers(&Tokens)
)]
struct Papers;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "The session_id of POST /api/login or of a login over a WebSocket, or the access_token of POST /auth/login",
        ));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::Http(scheme.build()));
    }
}
