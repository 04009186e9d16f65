// dlopen for executables linked with --static. glibc's would look for a shared
// libc of exactly the version that was linked in, and crash on another; so
// there is no libcurl, and data that is not at hand cannot be downloaded.
extern "C" {
void *dlopen(const char *, int) { return nullptr; }
void *dlsym(void *, const char *) { return nullptr; }
int dlclose(void *) { return 0; }
char *dlerror() {
  static char text[] = "a static executable loads no libraries";
  return text;
}
}
