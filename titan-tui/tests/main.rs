//! Every test of the client, in one program: each would link the whole of it otherwise. A suite is a module; what several of
//! them need comes first. `cargo nextest run -p titan-tui --test all screens::` runs one suite.

mod scene;
mod support;

mod cli;
mod cli_factors;
mod cli_people;
mod demo;
mod drafts;
mod edges;
mod looks;
mod parsers;
mod people;
mod plain;
mod screens;
mod screenshot;
mod terminal;
mod trust;
mod update;
