//! Files of a conversation: what is known of them, and who may fetch them. Their bytes are the blobs', by the HTTP doors.

use titan_core::protocol::{Fault, FileInfo};
use titan_core::{ConversationId, FileId};

use super::listing::LISTED_MOST;
use super::policy::Act;
use super::{Outcome, Session, from_store};
use crate::store::{DraftBody, FileRecord, Range};

impl Session {
    pub async fn file(&self, file: FileId) -> Outcome<FileInfo> {
        let record = self.open_file(file).await?;
        Ok(FileInfo::new(record.id, record.name.into(), record.size, record.blob))
    }

    /// A file that this session may read. A file of a conversation one is not in looks like none at all.
    pub async fn open_file(&self, file: FileId) -> Outcome<FileRecord> {
        self.find_file(file).await.map_err(|fault| match fault.code {
            titan_core::protocol::FaultCode::NotAMember => absent(),
            _ => fault,
        })
    }

    /// The same for a door whose protocol tells a file one may not read from one that isn't there.
    pub async fn find_file(&self, file: FileId) -> Outcome<FileRecord> {
        self.hub.limits.asking(self.account())?;
        let record = self.hub.store.file(file).await.map_err(from_store)?.ok_or_else(absent)?;
        self.permit_in(record.conversation, Act::Read).await?;
        Ok(record)
    }

    /// A file by the name that an older system gave it, if this session may read it.
    pub async fn file_named(&self, unique_name: &str) -> Outcome<FileRecord> {
        let found = self.hub.store.file_named(unique_name.to_owned()).await.map_err(from_store)?;
        let record = found.ok_or_else(|| Fault::not_found("File not found"))?;
        self.open_file(record.id).await
    }

    /// The last files of a conversation, oldest first, and how many there are altogether.
    pub async fn last_files(&self, conversation: ConversationId, most: u32) -> Outcome<(Vec<FileRecord>, u64)> {
        self.hub.limits.asking(self.account())?;
        self.permit_to_read(conversation).await?;
        let most = most.clamp(1, LISTED_MOST);
        let files = self.hub.store.files(conversation, Range::Last, most).await.map_err(from_store)?;
        let number = self.hub.store.number_of_files(conversation).await.map_err(from_store)?;
        Ok((files, number))
    }

    /// Those of these files that stand in a conversation, in no order.
    pub async fn files_among(&self, conversation: ConversationId, ids: Vec<FileId>) -> Outcome<Vec<FileRecord>> {
        self.permit_to_read(conversation).await?;
        let mut files = self.hub.store.files_among(ids).await.map_err(from_store)?;
        files.retain(|file| file.conversation == conversation);
        Ok(files)
    }

    /// Whether a file may be put there; asked before its bytes are taken in.
    pub async fn permit_upload(&self, conversation: ConversationId) -> Outcome<()> {
        self.hub.limits.uploading(self.account())?;
        self.permit_in(conversation, Act::Write).await.map(drop)
    }

    /// Notes in the log that somebody fetched a file (the slash door's history tells it): the first time, and of who may
    /// write there.
    pub async fn note_fetched(&self, record: &FileRecord) -> Outcome<()> {
        let body = DraftBody::FileFetched { file: record.id, name: record.name.clone() };
        self.decided(|| async {
            let grounds = self.permit_in(record.conversation, Act::Write).await?;
            self.append(record.conversation, None, body.clone(), grounds).await.map(drop)
        })
        .await
    }
}

fn absent() -> Fault {
    Fault::not_found("File not found")
}
