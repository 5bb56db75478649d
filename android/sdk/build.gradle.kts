// The library: `gradle :sdk:publishToMavenLocal` gives io.milepost:milepost-sdk. It has no sources of its own.
plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
    id("maven-publish")
}

group = "io.milepost"
version = "0.1.0"

val made = rootDir.resolve("../target")

android {
    namespace = "io.milepost.android"
    compileSdk = 35

    defaultConfig {
        minSdk = 26
        consumerProguardFiles("../adapters/consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    sourceSets["main"].apply {
        manifest.srcFile("../adapters/src/main/AndroidManifest.xml")
        kotlin.srcDirs("../milepost/src/main/kotlin", "../adapters/src/main/kotlin", made.resolve("bindings/kotlin"))
        jniLibs.srcDirs(made.resolve("android-libs/ndk"))
    }
    // Beside the libraries lie the same with symbols, for crash reports.
    packaging.jniLibs.excludes += "**/symbols/**"
    publishing.singleVariant("release")
}

kotlin.compilerOptions.jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17)

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
    // The AAR, not the jar: it brings JNA's own library for every ABI.
    api("net.java.dev.jna:jna:5.18.1@aar")
}

publishing.publications.register<MavenPublication>("release") {
    artifactId = "milepost-sdk"
    afterEvaluate { from(components["release"]) }
}
