// The demo shop: one page in two languages (`?lang=en`), so that the widget stands where it will stand.

import { useSignal } from "@preact/signals";
import { render } from "preact";
import { Picture } from "./pictures.tsx";
import { type ShopLang, type Texts, texts } from "./texts/index.ts";

const PRICES = { thread: 4.2, yarn: 11.9, scissors: 48, buttons: 6.5, hoop: 14, ribbon: 3.8 } satisfies Record<keyof Texts["products"], number>;

function chosen(): ShopLang {
  const wish = new URLSearchParams(location.search).get("lang") ?? navigator.language;
  return wish.toLowerCase().startsWith("en") ? "en" : "fr";
}

/** What the site itself needs of the widget. */
type Chat = HTMLElement & { open(): void };

function Shop({ lang, t }: { lang: ShopLang; t: Texts }) {
  const basket = useSignal(0);
  const price = new Intl.NumberFormat(lang, { style: "currency", currency: "EUR" });
  const chat = () => document.querySelector<Chat>("relais-chat")?.open();
  const other = lang === "fr" ? "en" : "fr";
  return (
    <>
      <a class="skip" href="#boutique">
        {t.skip}
      </a>
      <header class="top">
        <p class="brand">
          <a href={`?lang=${lang}`}>La Maison du Fil</a>
          <span>{t.tagline}</span>
        </p>
        <nav aria-label={t.menu.label}>
          <a href="#boutique">{t.menu.shop}</a>
          <a href="#livraison">{t.menu.delivery}</a>
          <a href="#retours">{t.menu.returns}</a>
          <a href="#commande">{t.menu.orders}</a>
        </nav>
        <p class="aside">
          <span role="status">{basket.value > 0 && t.shop.added(basket.value)}</span>
          <a href={`?lang=${other}`} lang={other} hreflang={other}>
            {t.other}
          </a>
        </p>
      </header>
      <main>
        <section class="hero">
          <div>
            <h1>{t.hero.title}</h1>
            <p>{t.hero.text}</p>
            <a class="button" href="#boutique">
              {t.hero.action}
            </a>
          </div>
          <Picture article="yarn" />
        </section>

        <section id="boutique" aria-labelledby="shop-title">
          <h2 id="shop-title">{t.shop.title}</h2>
          <ul class="articles">
            {(Object.keys(PRICES) as (keyof typeof PRICES)[]).map((article) => (
              <li key={article}>
                <Picture article={article} />
                <h3>{t.products[article].name}</h3>
                <p>{t.products[article].text}</p>
                <p class="buy">
                  <strong>{price.format(PRICES[article])}</strong>
                  <button type="button" aria-label={t.shop.addThis(t.products[article].name)} onClick={() => basket.value++}>
                    {t.shop.add}
                  </button>
                </p>
              </li>
            ))}
          </ul>
        </section>

        <section id="livraison" class="text" aria-labelledby="delivery-title">
          <h2 id="delivery-title">{t.delivery.title}</h2>
          <div class="scroll" tabIndex={0} role="group" aria-labelledby="delivery-title">
            <table>
              <thead>
                <tr>
                  {t.delivery.heads.map((head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {t.delivery.rows.map(([mode, time, cost]) => (
                  <tr key={mode}>
                    <th scope="row">{mode}</th>
                    <td>{time}</td>
                    <td>{cost}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p>{t.delivery.note}</p>
        </section>

        <section id="retours" class="text" aria-labelledby="returns-title">
          <h2 id="returns-title">{t.returns.title}</h2>
          <ul>
            {t.returns.points.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
        </section>

        <section id="commande" class="text track" aria-labelledby="orders-title">
          <h2 id="orders-title">{t.orders.title}</h2>
          <p>{t.orders.text}</p>
          <p>
            <em>{t.orders.example}</em>
          </p>
          <button type="button" class="button" onClick={chat}>
            {t.orders.action}
          </button>
        </section>
      </main>
      <footer>{t.footer}</footer>
    </>
  );
}

const lang = chosen();
// Before the widget's script, which follows in the page, asks the document for its language.
document.documentElement.lang = lang;
document.title = texts[lang].title;
const root = document.getElementById("app");
if (root !== null) render(<Shop lang={lang} t={texts[lang]} />, root);
