#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H

// Cells of several characters; functions where ncurses has macros, which Swift cannot call.
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <stdio.h>
#include <curses.h>

// <wchar.h> has it only where it is included with this file's settings first.
extern int wcwidth(wchar_t character);

/// Puts one character with what combines with it into a cell. Colour pairs beyond a short are given by address.
static inline void xpm_put_cell(int row, int column, const wchar_t *text, unsigned attributes, int pair) {
    cchar_t cell;
    if (setcchar(&cell, text, (attr_t)attributes, 0, &pair) == OK) wmove(stdscr, row, column), wadd_wch(stdscr, &cell);
}

/// Takes the terminal of standard input and output over; false where its kind is unknown.
static inline int xpm_take_terminal(const char *kind) { return newterm(kind, stdout, stdin) != NULL; }
static inline void xpm_flush(void) { fflush(stdout); }
static inline int xpm_width(wchar_t character) { return wcwidth(character); }
static inline int xpm_move(int row, int column) { return wmove(stdscr, row, column); }
static inline int xpm_show(void) { return wrefresh(stdscr); }
static inline void xpm_forget_screen(void) { clearok(curscr, TRUE); }
static inline int xpm_columns(void) { return getmaxx(stdscr); }
static inline int xpm_rows(void) { return getmaxy(stdscr); }
static inline int xpm_color_count(void) { return COLORS; }
static inline int xpm_pair_count(void) { return COLOR_PAIRS; }
static inline unsigned xpm_attribute(int which) {
    switch (which) {
    case 0: return A_BOLD;
    case 1: return A_DIM;
    case 2: return A_UNDERLINE;
    default: return A_REVERSE;
    }
}

#endif
