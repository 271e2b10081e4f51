// What LeakSanitizer is to leave alone in every test: fontconfig keeps what it has read of the fonts for the life of
// the program, and librsvg does not free the entities of a drawing that it refuses.

extern "C" const char* __lsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig.so\nleak:xmlParseEntityValue\n";
}
