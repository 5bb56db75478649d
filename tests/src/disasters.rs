//! What befalls a phone's storage beside death: a full disk, a read-only one, a bad page, a torn log, a file of newer
//! code. Each is brought about for real on a small tmpfs (which takes root; without it, what needs a file system of its
//! own says why it was skipped) and must cost nothing, or be written down.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use milepost::{Kernel, MilepostError, Options as SdkOptions, Place};
use milepost_engine::contract::Input;
use milepost_engine::engine::Blocker;
use milepost_sim::Scenario;
use milepost_store::{Durability, Location, Options, Store, StoreError};

use crate::faults::Failure;
use crate::made_up;

/// How it went: nothing to say, or why it was not tried.
pub enum Verdict {
    /// As it must.
    Survived,
    /// Not tried.
    Skipped(String),
}

/// A disaster by its name, tried in a folder of its own.
type Disaster = (&'static str, fn(&Path) -> Result<Verdict, Failure>);

/// All of them.
pub const DISASTERS: [Disaster; 5] = [
    ("a full disk in mid-trip loses nothing once there is room", full_disk),
    ("a read-only disk is an error that leaves the file as it is", read_only),
    ("a bad page is put aside, what can be read is kept, and the server is told", bad_page),
    ("a torn log loses only its end", torn_log),
    ("a file of newer code is left alone", newer_file),
];

/// Records in the stores that are damaged.
const RECORDS: u64 = 400;
const PAGE_BYTES: u64 = 4_096;
/// Of a database's header: the schema's number.
const USER_VERSION_AT: u64 = 60;

fn full_disk(folder: &Path) -> Result<Verdict, Failure> {
    let Some(disk) = Disk::of(folder, "4m")? else { return Ok(Verdict::Skipped(NO_MOUNT.into())) };
    let inputs: Vec<Input> = Scenario::drive(3).minutes(12).imu_hz(10.0).world().inputs().chain([Input::End]).collect();
    let mut kernel = kernel(Place::Folder(disk.0.clone()))?;
    let ballast = disk.0.join("ballast");
    let (mut refused, mut told) = (0, false);
    for (n, input) in inputs.iter().enumerate() {
        if n == inputs.len() / 4 {
            fill(&ballast)?;
        }
        if n == inputs.len() * 3 / 4 {
            fs::remove_file(&ballast)?;
        }
        match kernel.handle(input.clone(), &mut |_| {}) {
            Ok(_) => {}
            Err(MilepostError::Storage { .. }) => {
                refused += 1;
                told |= kernel.blockers().contains(&Blocker::StorageFull);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if refused == 0 || !told {
        return Err(format!("the disk was never full: {refused} writes refused, told {told}").into());
    }
    kernel.commit()?;
    let mut whole = self::kernel(Place::Memory)?;
    for input in inputs {
        whole.handle(input, &mut |_| {})?;
    }
    let all = |kernel: &mut Kernel| kernel.store().read(|db| db.drain(0, usize::MAX >> 1));
    // A health record says that the storage was full; all else is as it would have been.
    let said = |stored: Vec<milepost_store::Stored>| -> Vec<String> {
        stored.into_iter().filter(|s| !s.schema.contains("health")).map(|s| s.json).collect()
    };
    if said(all(&mut kernel)?) != said(all(&mut whole)?) {
        return Err("the records are not those of a phone with room".into());
    }
    Ok(Verdict::Survived)
}

fn read_only(folder: &Path) -> Result<Verdict, Failure> {
    let Some(disk) = Disk::of(folder, "8m")? else { return Ok(Verdict::Skipped(NO_MOUNT.into())) };
    let path = disk.0.join("m.db");
    filled(&path)?.suspend()?;
    disk.remount("ro")?;
    let refused = open(&path).err().or_else(|| {
        // Some systems open it, and refuse the first write.
        let mut store = open(&path).ok()?;
        store.write(Durability::Process, |tx| tx.ack_host(1)).err()
    });
    if !matches!(refused, Some(StoreError::ReadOnly(_) | StoreError::Io(_))) {
        return Err(format!("a read-only disk gave {refused:?}").into());
    }
    disk.remount("rw")?;
    whole_up_to(&open(&path)?, RECORDS)
}

fn bad_page(folder: &Path) -> Result<Verdict, Failure> {
    let path = folder.join("m.db");
    filled(&path)?.suspend()?;
    let pages = fs::metadata(&path)?.len() / PAGE_BYTES;
    overwrite(&path, pages / 2 * PAGE_BYTES, &[0xa5; PAGE_BYTES as usize])?;
    let store = open(&path)?;
    let Some(loss) = store.loss() else { return Err("nobody noticed the bad page".into()) };
    if !loss.quarantined.exists() {
        return Err("the bad file is gone".into());
    }
    let unsent = store.read(|db| db.unsent(usize::MAX >> 1, usize::MAX))?;
    if !unsent.iter().any(|item| item.json.contains("milepost.dropped/") && item.json.contains("corrupt")) {
        return Err("the server is not told".into());
    }
    let kept = store.read(|db| db.drain(0, usize::MAX >> 1))?;
    if kept.is_empty() || kept.iter().any(|s| s.json != made_up::record(1, s.seq).json) {
        return Err(format!("{} records were kept, or other ones", kept.len()).into());
    }
    Ok(Verdict::Survived)
}

fn torn_log(folder: &Path) -> Result<Verdict, Failure> {
    let (path, copy) = (folder.join("m.db"), folder.join("copy.db"));
    let store = filled(&path)?;
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    fs::copy(&path, &copy)?;
    let bytes = fs::copy(log(&path), log(&copy))?;
    drop(store);
    OpenOptions::new().write(true).open(log(&copy))?.set_len(bytes * 2 / 3)?;
    let store = open(&copy)?;
    let last = store.read(|db| db.last_seq())?;
    if store.loss().is_some() || last == 0 || last >= RECORDS {
        return Err(format!("{last} records of {RECORDS}, lost: {:?}", store.loss()).into());
    }
    whole_up_to(&store, last)
}

fn newer_file(folder: &Path) -> Result<Verdict, Failure> {
    let path = folder.join("m.db");
    filled(&path)?.suspend()?;
    let before = fs::read(&path)?;
    overwrite(&path, USER_VERSION_AT, &i32::MAX.to_be_bytes())?;
    match open(&path) {
        Err(StoreError::TooNew { .. }) => {}
        other => return Err(format!("a newer file gave {other:?}").into()),
    }
    let version = before.get(USER_VERSION_AT as usize..USER_VERSION_AT as usize + 4).unwrap_or_default();
    overwrite(&path, USER_VERSION_AT, version)?;
    whole_up_to(&open(&path)?, RECORDS)
}

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(Location::File(path.to_owned()), Options { seed: 1, ..Options::default() })
}

fn filled(path: &Path) -> Result<Store, StoreError> {
    let mut store = open(path)?;
    for seq in 1..=RECORDS {
        store.write(Durability::Process, |tx| {
            tx.append(&[made_up::record(1, seq)])?;
            tx.append_track(made_up::trip_id(1, (seq - 1) / made_up::PER_TRIP), &made_up::points(seq))
        })?;
    }
    Ok(store)
}

fn whole_up_to(store: &Store, last: u64) -> Result<Verdict, Failure> {
    let kept = store.read(|db| db.drain(0, usize::MAX >> 1))?;
    let said = (1..=last).map(|seq| made_up::record(1, seq).json);
    if kept.into_iter().map(|s| s.json).eq(said) { Ok(Verdict::Survived) } else { Err("records are missing".into()) }
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start(at))?;
    Ok(file.write_all(bytes)?)
}

/// Until nothing more fits.
fn fill(ballast: &Path) -> Result<(), Failure> {
    let mut file = fs::File::create(ballast)?;
    for size in [65_536, PAGE_BYTES as usize, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    Ok(())
}

fn kernel(place: Place) -> Result<Kernel, Failure> {
    let mut options = SdkOptions::new(place, "courier", "")?;
    options.seed = Some(5);
    Ok(Kernel::open(&options)?)
}

const NO_MOUNT: &str = "a tmpfs of its own takes root";

/// A file system of a given size; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    fn of(folder: &Path, size: &str) -> Result<Option<Self>, Failure> {
        let at = folder.join("disk");
        fs::create_dir_all(&at)?;
        let options = format!("size={size}");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output();
        Ok(done.is_ok_and(|done| done.status.success()).then_some(Self(at)))
    }

    fn remount(&self, how: &str) -> Result<(), Failure> {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).output()?;
        if done.status.success() { Ok(()) } else { Err(format!("remount: {:?}", done.stderr).into()) }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a store that is dropped later may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}
