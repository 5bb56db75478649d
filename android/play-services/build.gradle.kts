// The optional library: `gradle :play-services:publishToMavenLocal` gives io.milepost:milepost-play-services.
plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
    id("maven-publish")
}

group = "io.milepost"
version = "0.1.0"

android {
    namespace = "io.milepost.play"
    compileSdk = 35

    defaultConfig {
        minSdk = 26
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    publishing.singleVariant("release")
}

kotlin.compilerOptions.jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17)

dependencies {
    api(project(":sdk"))
    // The same as in pom.xml.
    implementation("com.google.android.gms:play-services-location:21.3.0")
}

publishing.publications.register<MavenPublication>("release") {
    artifactId = "milepost-play-services"
    afterEvaluate { from(components["release"]) }
}
