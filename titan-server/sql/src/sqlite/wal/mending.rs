//! Putting a damaged log right as far as it can be: for a rescue, on a copy.
//!
//! Each frame's sum goes on from the one before, so a damaged frame breaks the chain; but the frames behind it still follow
//! from what is *written* as its sum. A single flipped bit is found by the sum and flipped back. A frame that is damaged
//! more widely is kept as it is, for the rows in it that are sound; the rescue looks at each row's own sum.

use super::frame::{Frame, Header, bits_apart};

/// A log that SQLite reads to its end.
pub struct Mended {
    pub bytes: Vec<u8>,
    /// Frames that were put right by one bit.
    pub repaired: u64,
    /// Frames that may still be damaged somewhere.
    pub doubtful: u64,
    /// Frames of which nothing could be kept.
    pub dropped: u64,
}

/// Mends a log; none where nothing of it can be read. `page_size` is the database's, for a log whose head is lost, and
/// `page` gives a page of it as it is without the log.
pub fn mend(log: &[u8], page_size: usize, page: &dyn Fn(u32) -> Option<Vec<u8>>) -> Option<Mended> {
    let head: &[u8; Header::SIZE] = log.get(..Header::SIZE)?.try_into().ok()?;
    let whole = Header::read(head);
    let frames = frames(log, whole.map_or(page_size, |header| header.page_size));
    let (header, bytes) = match whole {
        Some(header) => (header, *head),
        None => Header::anew(page_size, usual_salts(&frames)?),
    };
    let mut mending = Mending { header, page, frames, taken: Vec::new(), repaired: 0, doubtful: 0, dropped: 0 };
    mending.walk(whole.map(|header| header.sum));
    Some(mending.finish(bytes.to_vec()))
}

fn frames(log: &[u8], page_size: usize) -> Vec<Frame> {
    let mut rest = log.get(Header::SIZE..).unwrap_or_default();
    let mut frame = Frame::of(page_size);
    let mut frames = Vec::new();
    while matches!(frame.read(&mut rest), Ok(true)) {
        frames.push(frame.clone());
    }
    frames
}

/// Those that most frames at the beginning have: a new generation is written over an old one from there.
fn usual_salts(frames: &[Frame]) -> Option<[u8; 8]> {
    let few: Vec<_> = frames.iter().take(3).map(Frame::salts).collect();
    few.iter().copied().max_by_key(|salts| few.iter().filter(|other| *other == salts).count())
}

struct Mending<'a> {
    header: Header,
    page: &'a dyn Fn(u32) -> Option<Vec<u8>>,
    frames: Vec<Frame>,
    taken: Vec<Frame>,
    repaired: u64,
    doubtful: u64,
    dropped: u64,
}

impl Mending<'_> {
    fn walk(&mut self, mut running: Option<(u32, u32)>) {
        let mut at = 0;
        while at < self.frames.len() {
            if let Some(from) = running
                && let Some((frame, sum)) = self.righted(at, from)
            {
                self.taken.push(frame);
                running = Some(sum);
                at += 1;
                continue;
            }
            let Some(next) = self.goes_on_at(at + 1) else { return };
            self.take_doubtful(at, next);
            running = Some(self.frames[next - 1].sum());
            at = next;
        }
    }

    /// A frame that is right, or is so again, and the sum that the next goes on from.
    fn righted(&mut self, at: usize, running: (u32, u32)) -> Option<(Frame, (u32, u32))> {
        let mut frame = self.frames[at].clone();
        let summed = frame.summed(&self.header, running);
        if frame.follows(&self.header, running) {
            return Some((frame, summed));
        }
        if !frame.is_nearly_right(&self.header, running) {
            return None;
        }
        let of_sum = bits_apart(summed, frame.sum()) == 1;
        let flips = frame.flips(&self.header, running);
        if summed == frame.sum() || (of_sum && flips.is_empty()) {
            self.repaired += 1;
            frame.belongs_to(&self.header);
            return Some((frame, summed));
        }
        if let Some(Some(flip)) = self.likeliest(&frame, &flips, of_sum) {
            frame.flip(flip);
        }
        // The likeliest of several is taken, and is a guess nevertheless.
        match flips.len() + usize::from(of_sum) {
            1 => self.repaired += 1,
            _ => self.doubtful += 1,
        }
        // What is written is right, unless it is the sum: then the next frame goes on from what should be there.
        let goes_on = self.frames.get(at + 1).is_some_and(|next| of_sum && next.follows(&self.header, summed));
        let sum = if goes_on { summed } else { frame.sum() };
        Some((frame, sum))
    }

    /// Which of several bits it was, or none but one of the sum: a page is much like what it was before, and the right bit
    /// makes it more so. None where that can't be told.
    fn likeliest(&self, frame: &Frame, flips: &[(usize, u8)], or_none: bool) -> Option<Option<(usize, u8)>> {
        let ways = flips.iter().map(|flip| Some(*flip)).chain(or_none.then_some(None));
        let unlike = |way: Option<(usize, u8)>| {
            let mut flipped = frame.clone();
            way.inspect(|flip| flipped.flip(*flip));
            self.unlike_before(&flipped)
        };
        let mut scored: Vec<_> = ways.map(|way| (unlike(way), way)).collect();
        scored.sort();
        match scored[..] {
            [(least, way), (next, _), ..] => (least < next).then_some(way),
            [(_, way)] => Some(way),
            [] => None,
        }
    }

    /// In how many bytes a page differs from what it was before; all, where it wasn't.
    fn unlike_before(&self, frame: &Frame) -> usize {
        let logged =
            self.taken.iter().rev().find(|taken| taken.page() == frame.page()).map(|taken| taken.content().to_vec());
        let before = logged.or_else(|| (self.page)(frame.page()));
        before.map_or(frame.content().len(), |before| {
            before.iter().zip(frame.content()).filter(|(one, other)| one != other).count()
        })
    }

    /// The next frame that follows from what is written in the one before it.
    fn goes_on_at(&self, from: usize) -> Option<usize> {
        (from..self.frames.len()).find(|&at| self.frames[at].follows(&self.header, self.frames[at - 1].sum()))
    }

    fn take_doubtful(&mut self, from: usize, to: usize) {
        let most = self.frames[to..].iter().take(64).map(Frame::page).max().unwrap_or(0).saturating_mul(2);
        for frame in &self.frames[from..to] {
            if frame.is_of(&self.header) && (1..=most).contains(&frame.page()) {
                self.taken.push(frame.clone());
                self.doubtful += 1;
            } else {
                self.dropped += 1;
            }
        }
    }

    /// All that was taken, up to the last commit, one following from the other.
    fn finish(mut self, mut bytes: Vec<u8>) -> Mended {
        let end = self.taken.iter().rposition(|frame| frame.commits(&self.header)).map_or(0, |last| last + 1);
        let mut running = self.header.sum;
        for frame in &mut self.taken[..end] {
            running = frame.take_place(&self.header, running);
            bytes.extend_from_slice(&frame.bytes);
        }
        Mended { bytes, repaired: self.repaired, doubtful: self.doubtful, dropped: self.dropped }
    }
}
