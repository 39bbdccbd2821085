#include "CSaraiWeb.h"

// #embed is C23, and an extension of clang before it. The compiler lists the files as dependencies: a changed one is
// built in again.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char activity_js[] = {
#embed "Page/activity.js"
};

static const unsigned char answer_js[] = {
#embed "Page/answer.js"
};

static const unsigned char api_js[] = {
#embed "Page/api.js"
};

static const unsigned char budget_js[] = {
#embed "Page/budget.js"
};

static const unsigned char chat_js[] = {
#embed "Page/chat.js"
};

static const unsigned char dom_js[] = {
#embed "Page/dom.js"
};

static const unsigned char format_js[] = {
#embed "Page/format.js"
};

static const unsigned char icon_svg[] = {
#embed "Page/icon.svg"
};

static const unsigned char index_html[] = {
#embed "Page/index.html"
};

static const unsigned char key_js[] = {
#embed "Page/key.js"
};

static const unsigned char kinds_js[] = {
#embed "Page/kinds.js"
};

static const unsigned char language_js[] = {
#embed "Page/language.js"
};

static const unsigned char main_js[] = {
#embed "Page/main.js"
};

static const unsigned char markdown_js[] = {
#embed "Page/markdown.js"
};

static const unsigned char media_js[] = {
#embed "Page/media.js"
};

static const unsigned char models_js[] = {
#embed "Page/models.js"
};

static const unsigned char notice_js[] = {
#embed "Page/notice.js"
};

static const unsigned char plan_js[] = {
#embed "Page/plan.js"
};

static const unsigned char pool_js[] = {
#embed "Page/pool.js"
};

static const unsigned char speeds_js[] = {
#embed "Page/speeds.js"
};

static const unsigned char style_css[] = {
#embed "Page/style.css"
};

static const unsigned char targets_js[] = {
#embed "Page/targets.js"
};

static const unsigned char words_js[] = {
#embed "Page/words.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}

static const SaraiWebFile files[] = {
    FILE("activity.js", activity_js),
    FILE("answer.js", answer_js),
    FILE("api.js", api_js),
    FILE("budget.js", budget_js),
    FILE("chat.js", chat_js),
    FILE("dom.js", dom_js),
    FILE("format.js", format_js),
    FILE("icon.svg", icon_svg),
    FILE("index.html", index_html),
    FILE("key.js", key_js),
    FILE("kinds.js", kinds_js),
    FILE("language.js", language_js),
    FILE("main.js", main_js),
    FILE("markdown.js", markdown_js),
    FILE("media.js", media_js),
    FILE("models.js", models_js),
    FILE("notice.js", notice_js),
    FILE("plan.js", plan_js),
    FILE("pool.js", pool_js),
    FILE("speeds.js", speeds_js),
    FILE("style.css", style_css),
    FILE("targets.js", targets_js),
    FILE("words.js", words_js),
};

size_t sarai_web_file_count(void) {
    return sizeof files / sizeof files[0];
}

SaraiWebFile sarai_web_file(size_t index) {
    return files[index];
}
