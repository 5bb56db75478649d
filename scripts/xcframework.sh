# xcframework.sh: sourced: makes an XCFramework of static libraries. It is a folder with an Info.plist; nothing of Xcode is
# needed to make one, so a test does it anywhere.

# assemble OUT HEADERS SLICE…: HEADERS is a folder with a header and its module map, and becomes Headers/<its name> in every
# slice: two XCFrameworks with their headers in one place cannot be used together. A SLICE is
# "identifier|platform|variant|architectures|library", the variant empty for devices.
assemble() {
  local out=$1 headers=$2 slice identifier platform variant architectures library
  shift 2
  rm -rf "$out"
  mkdir -p "$out"
  {
    echo '<?xml version="1.0" encoding="UTF-8"?>'
    echo '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">'
    echo '<plist version="1.0"><dict>'
    echo '<key>AvailableLibraries</key><array>'
    for slice in "$@"; do
      IFS='|' read -r identifier platform variant architectures library <<<"$slice"
      [ -f "$library" ] || { echo "no library $library" >&2; return 1; }
      mkdir -p "$out/$identifier/Headers"
      cp "$library" "$out/$identifier/libmilepost_ffi.a"
      cp -R "$headers" "$out/$identifier/Headers/"
      echo "<dict><key>LibraryIdentifier</key><string>$identifier</string>"
      echo '<key>LibraryPath</key><string>libmilepost_ffi.a</string>'
      echo '<key>HeadersPath</key><string>Headers</string>'
      echo '<key>SupportedArchitectures</key><array>'
      for architecture in $architectures; do echo "<string>$architecture</string>"; done
      echo "</array><key>SupportedPlatform</key><string>$platform</string>"
      if [ -n "$variant" ]; then echo "<key>SupportedPlatformVariant</key><string>$variant</string>"; fi
      echo '</dict>'
    done
    echo '</array><key>CFBundlePackageType</key><string>XFWK</string>'
    echo '<key>XCFrameworkFormatVersion</key><string>1.0</string></dict></plist>'
  } > "$out/Info.plist"
}
