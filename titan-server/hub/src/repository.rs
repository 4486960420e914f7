//! The repository: apps from upload over the admins' queue to everybody.

use titan_core::protocol::{App, AppState, Category, Fault, FaultCode, RepositoryStats, Role};
use titan_core::text::{self, DESCRIPTION_MOST};
use titan_core::{AppId, BlobId, SafeText};

use super::decision::Attempt;
use super::listing::{Listed, listed};
use super::policy::Act;
use super::session::deed_by;
use super::shares::{APPS_WAITING, Share};
use super::{Hub, Outcome, Session, from_store};
use crate::store::{AppFilter, AppRecord, Decision, Fact, NewApp, NewFile, Page, StoreError, Warrant};

/// An app as it is handed in; its bytes are in the blobs already.
#[derive(Clone, Debug)]
pub struct AppUpload {
    pub name: String,
    pub description: String,
    pub category: Category,
    pub version: String,
    pub file: NewFile,
    /// All metadata given, a JSON object.
    pub metadata: String,
}

/// An app's words, fit to be kept.
pub struct Particulars {
    pub name: String,
    pub description: String,
    pub version: String,
}

impl Particulars {
    /// Checks and cleans them; doors may do so before they take the bytes in.
    pub fn of(name: &str, description: &str, version: &str) -> Outcome<Self> {
        Ok(Self {
            name: line("An app's name", name, 100)?,
            description: text::description("a description", description.trim(), DESCRIPTION_MOST)?,
            version: line("A version", version, 50)?,
        })
    }
}

fn line(what: &'static str, given: &str, most: usize) -> Outcome<String> {
    let line = SafeText::line(&text::description(what, given.trim(), most)?).into_written();
    if text::is_blank(&line) { Err(Fault::bad_request(format!("{what} may not be empty."))) } else { Ok(line) }
}

/// What anybody may see, logged in or not.
impl Hub {
    /// Approved apps, newest first.
    pub async fn approved_apps(
        &self,
        category: Option<Category>,
        query: Option<String>,
        page: Page<AppId>,
    ) -> Outcome<Listed<AppRecord>> {
        let filter = AppFilter { category, query, state: Some(AppState::Approved), author: None };
        listed(page, |page| self.store.apps(filter, page)).await
    }

    /// An approved app, to be downloaded.
    pub async fn approved_app(&self, app: AppId) -> Outcome<AppRecord> {
        let record = self.store.app(app).await.map_err(from_store)?.ok_or_else(no_app)?;
        match record.app.state {
            AppState::Approved => Ok(record),
            _ => Err(Fault::new(FaultCode::NotApproved, "App not approved yet")),
        }
    }

    pub async fn count_download(&self, app: AppId) -> Outcome<()> {
        self.store.count_download(app).await.map_err(from_store)
    }

    pub async fn repository_stats(&self) -> Outcome<RepositoryStats> {
        self.store.repository_stats().await.map_err(from_store)
    }
}

impl Session {
    /// Whether an app may be handed in; asked before its bytes are taken in.
    pub async fn permit_app_upload(&self) -> Outcome<()> {
        self.hub.limits.uploading(self.account())?;
        self.hub.limits.share(self.account(), Share::App)?;
        let Some(most) = self.hub.limits.most(APPS_WAITING) else { return Ok(()) };
        let filter = AppFilter { state: Some(AppState::Pending), author: Some(self.account()), ..AppFilter::default() };
        let waiting = self.hub.store.apps(filter, Page::first(most)).await.map_err(from_store)?;
        match waiting.len() < most as usize {
            true => Ok(()),
            false => {
                let said = format!("{most} of your apps wait for an admin already: wait for an answer.");
                Err(Fault::new(FaultCode::TooLarge, said))
            }
        }
    }

    /// Hands in an app; it waits for an admin.
    pub async fn add_app(&self, upload: AppUpload) -> Outcome<App> {
        let Particulars { name, description, version } =
            Particulars::of(&upload.name, &upload.description, &upload.version)?;
        let new = NewApp {
            name,
            description,
            category: upload.category,
            version,
            author: self.account(),
            file: upload.file,
            metadata: upload.metadata,
            now: self.hub.now(),
        };
        let added =
            self.decided(|| async { Ok(self.hub.store.add_app(new.clone(), vec![self.stands()].into()).await?) });
        Ok(added.await?.app)
    }

    /// Approved apps to everybody; the others to admins, and to their authors. The newest first.
    pub async fn apps(&self, mut filter: AppFilter, page: Page<AppId>) -> Outcome<Listed<AppRecord>> {
        self.hub.limits.asking(self.account())?;
        let state = *filter.state.get_or_insert(AppState::Approved);
        if state != AppState::Approved && self.record().await?.role != Role::Admin {
            filter.author = Some(self.account());
        }
        listed(page, |page| self.hub.store.apps(filter, page)).await
    }

    /// What waits for an admin; for admins only.
    pub async fn pending_apps(&self, page: Page<AppId>) -> Outcome<Listed<AppRecord>> {
        self.permit(Act::Administer).await?;
        self.apps(AppFilter { state: Some(AppState::Pending), ..AppFilter::default() }, page).await
    }

    pub async fn app(&self, app: AppId) -> Outcome<App> {
        self.open_app(app).await.map(|record| record.app)
    }

    /// An app this session may see, whatever its state.
    pub async fn open_app(&self, app: AppId) -> Outcome<AppRecord> {
        self.hub.limits.asking(self.account())?;
        let record = self.any_app(app).await?;
        if record.app.state != AppState::Approved {
            let refusal = || Fault::new(FaultCode::NotApproved, "App not approved yet");
            self.permit(Act::OwnApp { author: record.app.author.id }).await.map_err(|_| refusal())?;
        }
        Ok(record)
    }

    /// Approves an app; with a hash, only if its bytes are still those.
    pub async fn approve_app(&self, app: AppId, sha256: Option<BlobId>) -> Outcome<App> {
        self.decide(app, AppState::Approved, sha256, None).await
    }

    pub async fn reject_app(&self, app: AppId, reason: &str) -> Outcome<App> {
        self.decide(app, AppState::Rejected, None, Some(rejection(reason)?)).await
    }

    async fn decide(
        &self,
        app: AppId,
        state: AppState,
        sha256: Option<BlobId>,
        reason: Option<String>,
    ) -> Outcome<App> {
        self.hub.limits.asking(self.account())?;
        let decision = Decision { state, sha256, by: Some(self.account()), reason, now: self.hub.now() };
        self.decided(|| async {
            let grounds = self.permit(Act::Administer).await?;
            self.hub.decide_app(Some(self), app, decision.clone(), grounds).await
        })
        .await
    }

    pub async fn delete_app(&self, app: AppId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let record = self.any_app(app).await?;
            let permitted = self.permit(Act::OwnApp { author: record.app.author.id }).await;
            let grounds = permitted.map_err(|_| Fault::forbidden("Permission denied"))?;
            let audit =
                self.hub.audit(Some(self.account()), "delete_app", format!("app {app}"), record.app.sha256.to_string());
            let deed = self.deed("delete_app").of(record.app.name.written());
            let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed);
            Ok(self.hub.store.delete_app(app, warrant).await.map(drop)?)
        })
        .await
    }

    async fn any_app(&self, app: AppId) -> Outcome<AppRecord> {
        self.hub.store.app(app).await.map_err(from_store)?.ok_or_else(no_app)
    }
}

impl Hub {
    /// Decides about an app, for an admin or the operator.
    pub(super) async fn decide_app(
        &self,
        by: Option<&Session>,
        app: AppId,
        decision: Decision,
        grounds: Vec<Fact>,
    ) -> Attempt<App> {
        let event = if decision.state == AppState::Approved { "approve_app" } else { "reject_app" };
        let warrant = Warrant::from(grounds).with_deed(deed_by(event, by).of(app.to_string()));
        match self.store.decide_app(app, decision, warrant).await {
            Err(StoreError::NotFound) => Err(no_app().into()),
            decided => Ok(decided?.app),
        }
    }
}

/// Why an app is rejected, which its author will read.
pub(super) fn rejection(reason: &str) -> Outcome<String> {
    let reason = text::description("a reason", reason.trim(), 1_000)?;
    if text::is_blank(&reason) {
        return Err(Fault::bad_request("Say why it is rejected: its author will read it."));
    }
    Ok(reason)
}

fn no_app() -> Fault {
    Fault::not_found("App not found")
}
