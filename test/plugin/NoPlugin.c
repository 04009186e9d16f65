/* A library that is no plugin. */
int gradmillIsNotHere(void) { return 0; }
