#include "CDashboard.h"

// The compiler has had it before the standard that SwiftPM compiles C by.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char actions_js[] = {
#embed "../XPMWeb/Dashboard/assets/actions.js"
};
static const unsigned char address_js[] = {
#embed "../XPMWeb/Dashboard/assets/address.js"
};
static const unsigned char announce_js[] = {
#embed "../XPMWeb/Dashboard/assets/announce.js"
};
static const unsigned char ansi_js[] = {
#embed "../XPMWeb/Dashboard/assets/ansi.js"
};
static const unsigned char api_js[] = {
#embed "../XPMWeb/Dashboard/assets/api.js"
};
static const unsigned char banner_js[] = {
#embed "../XPMWeb/Dashboard/assets/banner.js"
};
static const unsigned char base_css[] = {
#embed "../XPMWeb/Dashboard/assets/base.css"
};
static const unsigned char create_js[] = {
#embed "../XPMWeb/Dashboard/assets/create.js"
};
static const unsigned char detail_css[] = {
#embed "../XPMWeb/Dashboard/assets/detail.css"
};
static const unsigned char detail_js[] = {
#embed "../XPMWeb/Dashboard/assets/detail.js"
};
static const unsigned char dialogs_js[] = {
#embed "../XPMWeb/Dashboard/assets/dialogs.js"
};
static const unsigned char dom_js[] = {
#embed "../XPMWeb/Dashboard/assets/dom.js"
};
static const unsigned char empty_js[] = {
#embed "../XPMWeb/Dashboard/assets/empty.js"
};
static const unsigned char hub_js[] = {
#embed "../XPMWeb/Dashboard/assets/hub.js"
};
static const unsigned char icon_error_svg[] = {
#embed "../XPMWeb/Dashboard/assets/icon-error.svg"
};
static const unsigned char icon_svg[] = {
#embed "../XPMWeb/Dashboard/assets/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../XPMWeb/Dashboard/assets/index.html"
};
static const unsigned char keys_js[] = {
#embed "../XPMWeb/Dashboard/assets/keys.js"
};
static const unsigned char list_css[] = {
#embed "../XPMWeb/Dashboard/assets/list.css"
};
static const unsigned char list_js[] = {
#embed "../XPMWeb/Dashboard/assets/list.js"
};
static const unsigned char live_worker_js[] = {
#embed "../XPMWeb/Dashboard/assets/live-worker.js"
};
static const unsigned char live_js[] = {
#embed "../XPMWeb/Dashboard/assets/live.js"
};
static const unsigned char log_lines_js[] = {
#embed "../XPMWeb/Dashboard/assets/log-lines.js"
};
static const unsigned char log_view_js[] = {
#embed "../XPMWeb/Dashboard/assets/log-view.js"
};
static const unsigned char log_window_js[] = {
#embed "../XPMWeb/Dashboard/assets/log-window.js"
};
static const unsigned char main_js[] = {
#embed "../XPMWeb/Dashboard/assets/main.js"
};
static const unsigned char overview_js[] = {
#embed "../XPMWeb/Dashboard/assets/overview.js"
};
static const unsigned char picture_js[] = {
#embed "../XPMWeb/Dashboard/assets/picture.js"
};
static const unsigned char row_js[] = {
#embed "../XPMWeb/Dashboard/assets/row.js"
};
static const unsigned char seats_js[] = {
#embed "../XPMWeb/Dashboard/assets/seats.js"
};
static const unsigned char spark_js[] = {
#embed "../XPMWeb/Dashboard/assets/spark.js"
};
static const unsigned char sse_js[] = {
#embed "../XPMWeb/Dashboard/assets/sse.js"
};
static const unsigned char states_js[] = {
#embed "../XPMWeb/Dashboard/assets/states.js"
};
static const unsigned char stream_js[] = {
#embed "../XPMWeb/Dashboard/assets/stream.js"
};
static const unsigned char tails_js[] = {
#embed "../XPMWeb/Dashboard/assets/tails.js"
};
static const unsigned char text_js[] = {
#embed "../XPMWeb/Dashboard/assets/text.js"
};
static const unsigned char theme_js[] = {
#embed "../XPMWeb/Dashboard/assets/theme.js"
};
static const unsigned char time_js[] = {
#embed "../XPMWeb/Dashboard/assets/time.js"
};
static const unsigned char timeline_js[] = {
#embed "../XPMWeb/Dashboard/assets/timeline.js"
};
static const unsigned char tree_js[] = {
#embed "../XPMWeb/Dashboard/assets/tree.js"
};
static const unsigned char why_js[] = {
#embed "../XPMWeb/Dashboard/assets/why.js"
};

#define HTML "text/html; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define DRAWING "image/svg+xml"
#define ASSET(path, type, bytes) {path, type, bytes, sizeof bytes}

static const struct xpm_asset assets[] = {
    ASSET("/assets/actions.js", SCRIPT, actions_js),
    ASSET("/assets/address.js", SCRIPT, address_js),
    ASSET("/assets/announce.js", SCRIPT, announce_js),
    ASSET("/assets/ansi.js", SCRIPT, ansi_js),
    ASSET("/assets/api.js", SCRIPT, api_js),
    ASSET("/assets/banner.js", SCRIPT, banner_js),
    ASSET("/assets/base.css", STYLE, base_css),
    ASSET("/assets/create.js", SCRIPT, create_js),
    ASSET("/assets/detail.css", STYLE, detail_css),
    ASSET("/assets/detail.js", SCRIPT, detail_js),
    ASSET("/assets/dialogs.js", SCRIPT, dialogs_js),
    ASSET("/assets/dom.js", SCRIPT, dom_js),
    ASSET("/assets/empty.js", SCRIPT, empty_js),
    ASSET("/assets/hub.js", SCRIPT, hub_js),
    ASSET("/assets/icon-error.svg", DRAWING, icon_error_svg),
    ASSET("/assets/icon.svg", DRAWING, icon_svg),
    ASSET("/", HTML, index_html),
    ASSET("/assets/keys.js", SCRIPT, keys_js),
    ASSET("/assets/list.css", STYLE, list_css),
    ASSET("/assets/list.js", SCRIPT, list_js),
    ASSET("/assets/live-worker.js", SCRIPT, live_worker_js),
    ASSET("/assets/live.js", SCRIPT, live_js),
    ASSET("/assets/log-lines.js", SCRIPT, log_lines_js),
    ASSET("/assets/log-view.js", SCRIPT, log_view_js),
    ASSET("/assets/log-window.js", SCRIPT, log_window_js),
    ASSET("/assets/main.js", SCRIPT, main_js),
    ASSET("/assets/overview.js", SCRIPT, overview_js),
    ASSET("/assets/picture.js", SCRIPT, picture_js),
    ASSET("/assets/row.js", SCRIPT, row_js),
    ASSET("/assets/seats.js", SCRIPT, seats_js),
    ASSET("/assets/spark.js", SCRIPT, spark_js),
    ASSET("/assets/sse.js", SCRIPT, sse_js),
    ASSET("/assets/states.js", SCRIPT, states_js),
    ASSET("/assets/stream.js", SCRIPT, stream_js),
    ASSET("/assets/tails.js", SCRIPT, tails_js),
    ASSET("/assets/text.js", SCRIPT, text_js),
    ASSET("/assets/theme.js", SCRIPT, theme_js),
    ASSET("/assets/time.js", SCRIPT, time_js),
    ASSET("/assets/timeline.js", SCRIPT, timeline_js),
    ASSET("/assets/tree.js", SCRIPT, tree_js),
    ASSET("/assets/why.js", SCRIPT, why_js),
};

const struct xpm_asset *xpm_dashboard_asset(size_t place) {
    return place < sizeof assets / sizeof assets[0] ? &assets[place] : NULL;
}
