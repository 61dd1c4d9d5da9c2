// What the logger needs of Linux and Swift's Glibc module lacks.
#ifndef XPM_CLINUX_LOGS_H
#define XPM_CLINUX_LOGS_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/// When an open file was made, by statx(2), in microseconds since 1970. 0 where the file system does not know, -1 with errno.
int64_t xpm_birth_of(int file);

/// renameat2(2) with RENAME_NOREPLACE in an open folder; where the file system does not know that, link(2) and unlink(2), which do not
/// replace, either. Returns 0, or -1 with errno, EEXIST where the new name is taken.
int xpm_rename_new(int folder, const char *from, const char *to);

/// clock_gettime(2), in nanoseconds.
int64_t xpm_nanoseconds(clockid_t clock);

/// pipe2(2) with O_CLOEXEC: no child of another thread gets an end. Returns 0, or -1 with errno.
int xpm_pipe(int *reader, int *writer);

/// FIONREAD: how many bytes can be read from a pipe or a terminal now, or -1 with errno.
int xpm_readable_bytes(int descriptor);

/// F_GETPIPE_SZ: how many bytes a pipe holds at most, or -1 with errno.
int xpm_pipe_capacity(int descriptor);

/// tee(2) with SPLICE_F_NONBLOCK: copies bytes of a pipe into another one without taking them. How many, or -1 with errno.
long xpm_tee(int from, int to, unsigned long count);

/// How many line feeds there are.
unsigned long xpm_count_lines(const void *bytes, unsigned long count);

/// Where the first line feed ends, counted from the start; 0 for none.
unsigned long xpm_after_line(const void *bytes, unsigned long count);

/// Where the last line feed ends, counted from the start; 0 for none.
unsigned long xpm_after_last_line(const void *bytes, unsigned long count);

/// Sends one packet, with a descriptor unless it is -1, without waiting and without SIGPIPE. Returns 0, or -1 with errno.
int xpm_send_packet(int socket, const void *bytes, unsigned long count, int descriptor);

/// Takes one packet, without waiting. Returns its length, 0 at the end, -1 with errno, EMSGSIZE for a packet that does not fit. The first
/// descriptor that came with it is given, close-on-exec, others are closed; -1 for none, -2 for one that
/// was lost, since no more can be open.
long xpm_receive_packet(int socket, void *buffer, unsigned long size, int *descriptor);

/// Makes a pseudo-terminal of that size, which writes what it is given as it is: returns its master, with the terminal itself in `terminal`,
/// both close-on-exec and nobody's controlling terminal; -1 with errno.
int xpm_open_terminal(int *terminal, uint16_t columns, uint16_t rows);

/// Opens the terminal of a master once more, as `xpm_open_terminal` does; -1 with errno.
int xpm_terminal_of(int master);

/// The number of the terminal that a master belongs to, N in /dev/pts/N; -1 with errno for what is no master.
int xpm_number_of_master(int master);

/// The same of a terminal, by its device; -1 for any other device.
int xpm_number_of_terminal(dev_t device);

/// pidfd_getfd(2): a descriptor of another process, close-on-exec here; -1 with errno.
int xpm_take_descriptor(pid_t pid, int descriptor);

/// A pipe whose other end one thread alone has, in a table of descriptors of its own: it ends when this process is killed, at once, also
/// where threads that the kernel keeps have all other descriptors open still. To be called before anything else is opened. Returns the end to
/// read, close-on-exec, or -1 with errno.
int xpm_make_lifeline(void);

/// Gives back memory that is free, and pages of the program that were needed for a start only: those that are needed come again.
void xpm_trim_memory(void);

/// Stores of what another thread, or the next process, reads: in the order of the program.
static inline void xpm_store(uint64_t *place, uint64_t value) { __atomic_store_n(place, value, __ATOMIC_SEQ_CST); }
static inline uint64_t xpm_load(const uint64_t *place) { return __atomic_load_n(place, __ATOMIC_SEQ_CST); }

#endif
