// dlopen for executables linked with --static. glibc's own would look for a
// shared libc of exactly the linked version, and crash with another one. So
// there is no libcurl, and missing data cannot be downloaded.
extern "C" {
void *dlopen(const char *, int) { return nullptr; }
void *dlsym(void *, const char *) { return nullptr; }
int dlclose(void *) { return 0; }
char *dlerror() {
  static char text[] = "a static executable loads no libraries";
  return text;
}
}
