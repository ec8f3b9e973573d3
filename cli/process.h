/* The process around a command: its standard streams, and every way out of it. */
#ifndef PROFICIO_CLI_PROCESS_H
#define PROFICIO_CLI_PROCESS_H

/* First thing in main.
 *
 * A standard stream that is closed is opened so that using it fails: else the next file
 * opened took its number, and a message would be written into a dataset.
 *
 * At exit, whoever asked for it (argp after --help, a library), standard output is written
 * out: what could not be written turns exit 0 into EXIT_SYSTEM. A library that gives up by
 * exit (OpenMP without memory or threads, HDF5 without memory) ends the process with
 * EXIT_SYSTEM and a message, with temporary files removed. HDF5's clean-up at exit is left
 * out: it crashes once a close has failed.
 *
 * A crash (HDF5 1.10 and a few others have them where memory is short) removes temporary files
 * and says so before the system does what it does: no output was touched. */
void process_begin(void);

#endif
