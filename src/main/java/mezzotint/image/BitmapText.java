package mezzotint.image;

import java.awt.Color;
import java.awt.Graphics2D;

/** Text without any font of the machine: printable ASCII, five by seven pixels a glyph. */
final class BitmapText implements SheetText {
    // five columns a glyph, from the space to the tilde; bit 0 is the top row
    private static final String GLYPHS = ""
            + "000000000000005F00000007000700147F147F14242A7F2A12231308646236495620500008070300001C224100"
            + "0041221C0014083E081408083E080800503000000808080808006060000020100804023E5149453E00427F4000"
            + "42615149462141454B311814127F1027454545393C4A49493001710905033649494936064949291E0036360000"
            + "00563600000814224100141414141400412214080201510906324979413E7E1111117E7F494949363E41414122"
            + "7F4141221C7F494949417F090909013E4149497A7F0808087F00417F41002040413F017F081422417F40404040"
            + "7F020C027F7F0408107F3E4141413E7F090909063E4151215E7F09192946464949493101017F01013F4040403F"
            + "1F2040201F3F4038403F631408146307087008076151494543007F41410002040810200041417F000402010204"
            + "4040404040000102040020545454787F484444383844444420384444487F3854545418087E0901020C5252523E"
            + "7F0804047800447D40002040443D007F1028440000417F40007C041804787C0804047838444444387C14141408"
            + "081414187C7C080404084854545420043F4440203C4040207C1C2040201C3C4030403C44281028440C5050503C"
            + "4464544C44000836410000007F000000413608001008081008";

    private final int scale;

    BitmapText(int scale) {
        this.scale = scale;
    }

    @Override
    public boolean canShow(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    @Override
    public int width(String text) {
        return 6 * scale * text.length();
    }

    @Override
    public int height() {
        return 9 * scale;
    }

    @Override
    public void draw(Graphics2D graphics, String text, int x, int y) {
        graphics.setColor(Color.BLACK);
        for (int i = 0; i < text.length(); i++) {
            for (int column = 0; column < 5; column++) {
                int at = 10 * (text.charAt(i) - ' ') + 2 * column;
                int bits = Integer.parseInt(GLYPHS, at, at + 2, 16);
                for (int row = 0; row < 8; row++) {
                    if ((bits >> row & 1) == 1) {
                        int left = x + scale * (6 * i + column);
                        graphics.fillRect(left, y + scale * (1 + row), scale, scale);
                    }
                }
            }
        }
    }
}
