//! Has a release taken from the page as it is: the compiler by itself sees no file that is new in `assets/page`. Builds for
//! development read the folder while they run, and needn't be built again for it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../../../assets/page");
    }
}
