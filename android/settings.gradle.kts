// The SDK and the sample app as an Android build, for a machine with the Android SDK. `scripts/generate-bindings.sh` and
// `scripts/android-libs.sh` (with ANDROID_NDK_HOME) come first. The same sources are tested by Maven, see pom.xml.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode.set(RepositoriesMode.FAIL_ON_PROJECT_REPOS)
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "milepost"
include(":sdk", ":play-services", ":app")
project(":sdk").projectDir = file("sdk")
project(":app").projectDir = file("../examples/android-app")
