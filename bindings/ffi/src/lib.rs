//! The surface that Kotlin and Swift see. Maps types, holds no logic.
