//! The site's pages. Everything that is put into one is escaped.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use titan_core::{SafeText, Secret};

pub const STYLE: &str = "\
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { box-sizing: border-box; max-width: 26rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input, button { box-sizing: border-box; width: 100%; min-height: 3rem; padding: .5rem .75rem; font: inherit; }
input { border: 1px solid GrayText; border-radius: .375rem; }
button { margin-top: 1rem; border: 0; border-radius: .375rem; background: #1f4fa3; color: #fff; font-weight: 600; cursor: pointer; }
:is(input, button):focus-visible { outline: 3px solid #f0a020; outline-offset: 2px; }
[role=alert] { border-left: .25rem solid #c62828; padding: .25rem .75rem; margin: 0 0 1rem; }
small { display: block; margin-top: 1rem; }
";

const PASSWORD: &str = "<label for=\"password\">New password</label>\n\
    <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" required autofocus>\n\
    <button type=\"submit\">Change password</button>\n";
const BELOW: &str = "<small>You will be logged out everywhere, and this link works only once.</small>\n";

/// The form that asks for a new password, and what was wrong with the last try.
pub fn form(proof: &str, wrong: Option<&str>) -> Html<String> {
    Html(page("..", "Choose a new password", &format!("{}{}{BELOW}", alert(wrong), posted(proof, PASSWORD))))
}

/// Takes the code out of the link, and the link's end out of the address and the browser's history.
pub const SCRIPT: &str = "\
const [, code] = location.hash.match(/^#\\/?reset\\/([\\w-]+)$/) ?? []
if (code) {
  const field = document.getElementById('token')
  field.value = code
  field.parentElement.hidden = true
  document.getElementById('password').focus()
  history.replaceState(null, '', location.pathname)
}
";

/// The same with a field for the code, which the script fills in where the link brought it.
pub fn by_code(token: &Secret, wrong: Option<&str>) -> Html<String> {
    let token = escaped(token.reveal());
    let form = format!(
        "<form method=\"post\" action=\"reset\">\n\
         <p><label for=\"token\">Code of the letter</label>\n\
         <input id=\"token\" name=\"token\" value=\"{token}\" autocomplete=\"off\" spellcheck=\"false\" required></p>\n\
         {PASSWORD}</form>\n{BELOW}<script src=\"script.js\" defer></script>\n"
    );
    Html(page(".", "Choose a new password", &format!("{}{form}", alert(wrong))))
}

/// The form that asks whether a mail address is meant, and what was wrong with the last try.
pub fn confirmation(proof: &str, username: &str, email: &str, wrong: Option<&str>) -> Html<String> {
    let question = format!(
        "<p>Are you {}, and is {} the mail address of your account from now on?</p>\n",
        escaped(&SafeText::line(username)),
        escaped(&SafeText::line(email))
    );
    let form = posted(proof, "<button type=\"submit\">Yes, it is mine</button>\n");
    Html(page("..", "Confirm your mail address", &format!("{}{question}{form}", alert(wrong))))
}

/// A page that only says something.
pub fn said(message: &str) -> Html<String> {
    Html(page("..", "Titan", &alert(Some(message))))
}

fn posted(proof: &str, fields: &str) -> String {
    let proof = escaped(proof);
    format!("<form method=\"post\">\n<input type=\"hidden\" name=\"csrf_token\" value=\"{proof}\">\n{fields}</form>\n")
}

fn alert(wrong: Option<&str>) -> String {
    wrong.map(|wrong| format!("<p role=\"alert\">{}</p>\n", escaped(wrong))).unwrap_or_default()
}

/// `root` is the way to the site's own files.
fn page(root: &str, title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"{root}/style.css\">\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{main}</main>\n</body>\n</html>\n"
    )
}

/// A page of a few words, and just these, as the original answered.
pub fn words(status: StatusCode, words: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], words).into_response()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_has_what_the_originals_had() {
        let Html(page) = form("p-r-o-o-f", None);
        assert!(page.contains(r#"<input type="hidden" name="csrf_token" value="p-r-o-o-f">"#));
        assert!(page.contains(r#"name="password" type="password""#) && page.contains(r#"<form method="post">"#));
        assert!(!page.contains("role=\"alert\"") && !page.contains("<script"));
    }

    proptest! {
        #[test]
        fn nothing_put_into_a_page_is_markup(wrong in any::<String>(), markup in "[<>&\"'a-z/= ]{0,30}") {
            let Html(plain) = form("x", Some(""));
            let Html(asked) = confirmation("x", "", "", None);
            for name in [&wrong, &markup] {
                let Html(page) = confirmation("x", name, name, None);
                for mark in ['<', '>', '"'] {
                    prop_assert_eq!(page.matches(mark).count(), asked.matches(mark).count());
                }
            }
            for wrong in [wrong, markup] {
                let Html(page) = form("x", Some(&wrong));
                for mark in ['<', '>', '"'] {
                    prop_assert_eq!(page.matches(mark).count(), plain.matches(mark).count());
                }
            }
        }
    }
}
